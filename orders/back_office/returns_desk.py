"""The returns desk: scan an authorisation or an order, judge what came back, see what to refund, confirm."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from inventory.models import Warehouse
from kernel.errors import Refused
from kernel.money import format_amount
from orders.back_office.ask import LOOK_AGAIN, page_url
from orders.back_office.page import undelivered_number
from orders.back_office.rehearsal import Rehearsal, rehearse
from orders.back_office.return_form import ReceiveForm
from orders.back_office.thumbnails import thumbnails
from orders.back_office.verbs import buttons_for
from orders.models import Order, Return, ReturnUnit
from orders.reading import read_order
from orders.returning.photos import photo_link
from orders.returning.refunds import suggestions
from orders.returning.suggestion import Suggestion
from orders.services import receive_return
from orders.states import Disposition, ReturnState

PERMISSION = "orders.receive_return"
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Oldest:
    """The first rows of a list, and whether there are more."""

    rows: list[Any]
    more: bool

    @classmethod
    def of(cls, rows: QuerySet[Any]) -> "Oldest":
        found = list(rows[: SHOWN + 1])
        return cls(found[:SHOWN], len(found) > SHOWN)


def desk(request: HttpRequest) -> HttpResponse:
    """What is awaited and what waits to be refurbished; a scan leads to its return."""
    _check(request)
    typed = request.GET.get("q", "").strip()
    found = _find(typed) if typed else []
    if len(found) == 1:
        return redirect(desk_url(found[0].number))
    if typed and not found:
        messages.error(request, f"Nothing is known by {typed[:60]}. Scan the barcode of a return or of an order.")
    awaited = Return.objects.filter(status=ReturnState.APPROVED, order__test=False).select_related("order")
    waiting = ReturnUnit.objects.filter(
        disposition=Disposition.REFURBISH,
        restocked_at=None,
        warehouse__in=Warehouse.objects.visible_to(request.user),
    ).select_related("part__ret__order", "part__line", "warehouse")
    awaited = awaited.prefetch_related("lines").order_by("decided_at")
    context = {
        "title": "Returns desk",
        "typed": typed,
        "found": found,
        "awaited": Oldest.of(awaited),
        "waiting": Oldest.of(waiting.order_by("received_at")),
    }
    return _page(request, "admin/orders/return/desk.html", context)


def desk_return(request: HttpRequest, number: str) -> HttpResponse:
    """One return: what came back (GET), what receiving it would do (POST `intent=look`), or receiving it (`do`)."""
    _check(request)
    ret = Return.objects.filter(number=number).only("order_id").first()
    if ret is None:
        raise Http404
    order = read_order(ret.order_id)
    at_desk = AtDesk(request, order, next(found for found in order.returns.all() if found.number == number))
    if at_desk.ret.status != ReturnState.APPROVED:
        return at_desk.answer()
    if request.method != "POST":
        return at_desk.first_look()
    form = at_desk.form(request.POST, request.FILES)
    if not form.is_valid():
        return at_desk.answer(form)
    if request.POST.get("intent") != "do":
        return at_desk.answer(form, at_desk.look(form))
    if request.POST.get("seen") != at_desk.seen(form):
        return at_desk.answer(form, at_desk.look(form), notice=LOOK_AGAIN)
    return at_desk.receive(form)


@dataclass(slots=True)
class Look:
    """What receiving it would do, and what would then be refunded."""

    rehearsal: Rehearsal
    suggestion: Suggestion | None = None


@dataclass(frozen=True, slots=True)
class AtDesk:
    """One return at the desk, before whom."""

    request: HttpRequest
    order: Order
    ret: Return

    def form(self, data: Any = None, files: Any = None) -> ReceiveForm:
        return ReceiveForm(self.order, self.ret, self.request.user, data, files)

    def first_look(self) -> HttpResponse:
        """All that was announced, as if it came back as its reason lets expect."""
        form = self.form()
        values = {name: form.get_initial_for_field(fld, name) for name, fld in form.fields.items()}
        filled = self.form({name: value for name, value in values.items() if value is not None})
        return self.answer(filled, self.look(filled)) if filled.is_valid() else self.answer(form)

    def look(self, form: ReceiveForm) -> Look:
        after: dict[str, Suggestion] = {}

        def act() -> None:
            self._receive(form, keep_photos=False)
            after.update(suggestions(read_order(self.order.pk)))

        rehearsal = rehearse(self.order.pk, act, caller=self.request.user)
        return Look(rehearsal, after.get(self.ret.number) if not rehearsal.refusal else None)

    def receive(self, form: ReceiveForm) -> HttpResponse:
        stored: list[str] = []
        try:
            self._receive(form, keep_photos=True, stored=stored)
        except Refused as refusal:
            for name in stored:
                default_storage.delete(name)
            form.add_error(None, refusal.text)
            return self.answer(form)
        messages.success(self.request, f"Return {self.ret.number} is received.")
        return redirect(desk_url(self.ret.number))

    def _receive(self, form: ReceiveForm, *, keep_photos: bool, stored: list[str] | None = None) -> None:
        user: Any = self.request.user
        arrivals = form.arrivals(keep_photos=keep_photos)
        if stored is not None:
            stored += [arrival.photo for arrival in arrivals if arrival.photo]
        receive_return(
            return_id=self.ret.pk,
            arrivals=arrivals,
            warehouse=form.cleaned_data["warehouse"] or None,
            fee=form.cleaned_data["fee"],
            by=user.as_actor(),
        )

    def seen(self, form: ReceiveForm) -> str:
        """A fingerprint of the answers and of the version they were shown for."""
        answers = json.dumps(form.answers(), sort_keys=True, default=str)
        return hashlib.sha256(f"{self.order.version}:{answers}".encode()).hexdigest()

    def answer(self, form: ReceiveForm | None = None, look: Look | None = None, notice: str = "") -> HttpResponse:
        buttons = buttons_for(self.request.user, self.order)
        found = suggestions(self.order).get(self.ret.number)
        context = {
            "title": f"Return {self.ret.number}",
            "order": self.order,
            "ret": self.ret,
            "undelivered": undelivered_number(self.order, self.ret),
            "address": page_url(self.order),
            "form": form,
            "look": look,
            "seen": self.seen(form) if form and look and not look.rehearsal.refusal else "",
            "notice": notice,
            "pictures": thumbnails(line.product_id for line in self.order.lines.all()),
            "units": _units(self.order, self.ret),
            "suggestion": found,
            "refund_query": _refund_query(self.order, self.ret, found),
            **{name: buttons.get(name) for name in ("refund", "exchange_return", "restock_refurbished")},
            **{name: buttons.get(name) for name in ("approve_return", "reject_return")},
        }
        return _page(self.request, "admin/orders/return/receive.html", context)


def desk_url(number: str) -> str:
    return reverse("admin:orders_return_desk_of", args=(number,))


def _check(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return TemplateResponse(request, template, admin.site.each_context(request) | context)


def _find(typed: str) -> list[Return]:
    """The return of this number, or those of an order: what is awaited of it, else all."""
    upper = typed.upper()
    by_number = list(Return.objects.filter(number=upper).select_related("order"))
    if by_number:
        return by_number
    of_order = list(Return.objects.filter(order__number=upper).select_related("order").prefetch_related("lines"))
    return [ret for ret in of_order if ret.status == ReturnState.APPROVED] or of_order


def _units(order: Order, ret: Return) -> list[dict[str, Any]]:
    lines = {line.pk: line for line in order.lines.all()}
    return [
        {"unit": unit, "line": lines[part.line_id], "photo": photo_link(unit)}
        for part in ret.lines.all()
        for unit in part.units.all()
    ]


def _refund_query(order: Order, ret: Return, found: Suggestion | None) -> str:
    """What the form of a refund starts out with."""
    if found is None:
        return ""
    return "?" + urlencode({"amount": format_amount(found.amount, order.currency), "reason": f"Return {ret.number}"})
