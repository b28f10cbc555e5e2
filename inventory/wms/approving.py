"""The page on which a number that waits is approved: what would happen is shown first."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from api.actors import Actor
from inventory.back_office.ask import LOOK_AGAIN
from inventory.back_office.rehearsal import Rehearsal, rehearse
from inventory.wms.models import WmsDifference
from inventory.wms.quarantine import approve
from kernel.errors import Refused


def ask_to_approve(request: HttpRequest, difference: WmsDifference, *, by: Actor) -> HttpResponse:
    """Show what approving would do; do it when that is confirmed and still what would happen."""

    def perform() -> None:
        approve(difference_id=difference.pk, by=by)

    back = reverse("admin:inventory_wmsdifference_change", args=(difference.pk,))
    rehearsal = _rehearse(request, difference, perform)
    if rehearsal is None:
        return redirect(back)
    if request.method != "POST":
        return _page(request, difference, rehearsal)
    if request.POST.get("seen") != rehearsal.seen:
        messages.warning(request, LOOK_AGAIN)
        return _page(request, difference, rehearsal)
    try:
        perform()
    except Refused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, "The number is taken over.")
    return redirect(back)


def _rehearse(request: HttpRequest, difference: WmsDifference, perform: Callable[[], None]) -> Rehearsal | None:
    try:
        return rehearse(difference.sku, perform, caller=request.user)
    except Refused as refusal:
        messages.error(request, refusal.text)
        return None


def _page(request: HttpRequest, difference: WmsDifference, rehearsal: Rehearsal) -> HttpResponse:
    context: dict[str, Any] = admin.site.each_context(request) | {
        "title": f"Approve {difference}",
        "difference": difference,
        "rehearsal": rehearsal,
        "opts": WmsDifference._meta,
        "back": reverse("admin:inventory_wmsdifference_changelist"),
    }
    return TemplateResponse(request, "admin/inventory/wms/approve.html", context)
