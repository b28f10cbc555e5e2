"""The page of one verb: what it asks, what it would do, and doing it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from api.actors import Actor
from inventory.back_office.forms import StockForm
from inventory.back_office.rehearsal import Rehearsal, rehearse
from inventory.models import StockLevel
from kernel.errors import Refused

PERMISSION = "inventory.change_stocklevel"
LOOK_AGAIN = "The stock has changed meanwhile. This is what would happen now."


def asking(form_class: type[StockForm]) -> Callable[[HttpRequest], HttpResponse]:
    """The view of a verb. GET shows the form, filled from the address; a POST first shows what would happen, and
    does it only when that is confirmed and still what would happen.
    """

    def view(request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if not user.has_perm(PERMISSION):
            raise PermissionDenied
        if request.method != "POST":
            return _page(request, form_class(caller=user, initial=request.GET.dict()), None)
        form = form_class(request.POST, caller=user)
        rehearsal = _rehearse(form, user) if form.is_valid() else None
        if rehearsal is None or "confirm" not in request.POST:
            return _page(request, form, rehearsal)
        if request.POST.get("seen") != rehearsal.seen:
            messages.warning(request, LOOK_AGAIN)
            return _page(request, form, rehearsal)
        return _do(request, form, user.as_actor())

    return view


def _rehearse(form: StockForm, user: Any) -> Rehearsal | None:
    try:
        return rehearse(form.cleaned_data["sku"], lambda: form.perform(user.as_actor()), caller=user)
    except Refused as refusal:
        _tell(form, refusal)
        return None


def _do(request: HttpRequest, form: StockForm, by: Actor) -> HttpResponse:
    try:
        form.perform(by)
    except Refused as refusal:
        _tell(form, refusal)
        return _page(request, form, None)
    messages.success(request, form.done)
    level = StockLevel.objects.get(item__sku=form.cleaned_data["sku"], warehouse=form.cleaned_data["warehouse"])
    return redirect(reverse("admin:inventory_stocklevel_change", args=(level.pk,)))


def _tell(form: StockForm, refusal: Refused) -> None:
    fields = [problem.field for problem in refusal.problems if problem.field in form.fields]
    form.add_error(fields[0] if fields else None, refusal.text)


def _page(request: HttpRequest, form: StockForm, rehearsal: Rehearsal | None) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": form.title,
        "form": form,
        "rehearsal": rehearsal,
        "opts": StockLevel._meta,
        "back": reverse("admin:inventory_stocklevel_changelist"),
    }
    return TemplateResponse(request, "admin/inventory/stocklevel/ask.html", context)
