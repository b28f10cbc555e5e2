"""The page of one verb: what it asks, what it will do, and doing it."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from inventory.callers import own_warehouses
from kernel.errors import Refused
from kernel.ids import row_id
from orders.actions import facts_of
from orders.back_office.forms import Caller, VerbForm
from orders.back_office.rehearsal import Rehearsal, rehearse
from orders.back_office.thumbnails import thumbnails
from orders.back_office.verbs import Verb, verbs
from orders.models import Order
from orders.reading import attach_parts

LOOK_AGAIN = "This is what would happen now. Confirm it once more."


def ask(request: HttpRequest, object_id: str, action: str) -> HttpResponse:
    """Show the verb's form (GET), what it would do (POST `intent=look`), or do it (POST `intent=do`).

    A verb that moves money or stock is done only as it was shown: `seen` has to be the fingerprint of the same
    answers for the same version of the order.
    """
    asked = _asked(request, object_id, action)
    refusal = asked.verb.refusal(asked.order, facts_of(asked.order), request.user)
    if refusal is not None:
        messages.error(request, refusal.text)
        return asked.leave()
    if request.method != "POST":
        return _first_look(asked)
    form = asked.form(request.POST)
    if not form.is_valid():
        return asked.answer(form, None)
    if request.POST.get("intent") != "do":
        return asked.answer(form, asked.rehearse(form))
    if asked.verb.rehearsed and request.POST.get("seen") != seen(form, asked.order):
        return asked.answer(form, asked.rehearse(form), notice=LOOK_AGAIN)
    return _do(asked, form)


@dataclass(frozen=True, slots=True)
class Asked:
    """One verb on one order, by whom."""

    request: HttpRequest
    verb: Verb
    order: Order

    @property
    def caller(self) -> Caller:
        user: Any = self.request.user
        return Caller(user.as_actor(), user.role)

    def form(self, data: Any = None) -> VerbForm:
        own = own_warehouses(self.request.user)
        return self.verb.form(self.order, role=self.caller.role, own=own, chosen=self.request.GET.dict(), data=data)

    def rehearse(self, form: VerbForm) -> Rehearsal | None:
        if not self.verb.rehearsed:
            return None
        return rehearse(self.order.pk, lambda: form.perform(self.caller), caller=self.request.user)

    def answer(self, form: VerbForm, rehearsal: Rehearsal | None, notice: str = "") -> HttpResponse:
        """The form with what will happen: a window over the order's page, or a page of its own."""
        context = {
            "order": self.order,
            "verb": self.verb,
            "form": form,
            "rehearsal": rehearsal,
            "seen": seen(form, self.order) if rehearsal and not rehearsal.refusal else "",
            "notice": notice,
            "pictures": thumbnails(row.line.product_id for row in form.rows()),
            "back": page_url(self.order),
        }
        if "HX-Request" in self.request.headers:
            return TemplateResponse(self.request, "admin/orders/order/ask.html", context)
        page = admin.site.each_context(self.request) | {"title": f"{self.verb.title} {self.order.number}"}
        return TemplateResponse(self.request, "admin/orders/order/ask_page.html", page | context)

    def leave(self) -> HttpResponse:
        """Back to the order."""
        if "HX-Request" in self.request.headers:
            return HttpResponse(headers={"HX-Redirect": page_url(self.order)})
        return redirect(page_url(self.order))


def page_url(order: Order) -> str:
    return reverse("admin:orders_order_change", args=(order.pk,))


def seen(form: VerbForm, order: Order) -> str:
    """A fingerprint of the answers and of the version they were shown for."""
    answers = json.dumps(form.cleaned_data, sort_keys=True, default=str)
    return hashlib.sha256(f"{order.version}:{answers}".encode()).hexdigest()


def _asked(request: HttpRequest, object_id: str, action: str) -> Asked:
    verb = verbs().get(action)
    if verb is None or row_id(object_id) is None:
        raise Http404
    user: Any = request.user
    if not user.has_perm(verb.permission):
        raise PermissionDenied
    order = get_object_or_404(Order, pk=object_id)
    attach_parts([order])
    return Asked(request, verb, order)


def _first_look(asked: Asked) -> HttpResponse:
    """The form as it starts out; where that is an answer already, with what it would do."""
    form = asked.form()
    if asked.verb.rehearsed:
        filled = asked.form(form.prefilled())
        if filled.is_valid():
            return asked.answer(filled, asked.rehearse(filled))
    return asked.answer(form, None)


def _do(asked: Asked, form: VerbForm) -> HttpResponse:
    try:
        form.perform(asked.caller)
    except Refused as refusal:
        form.add_error(None, refusal.text)
        return asked.answer(form, None)
    messages.success(asked.request, asked.verb.done)
    return asked.leave()
