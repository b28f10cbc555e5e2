"""The papers of a return: the label for the way back, and the sheet that is laid into the parcel."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from api.paper import code128, pdf
from kernel.errors import NotAllowedNow
from orders.back_office.display import country
from orders.masking import mask_address
from orders.models import Order, OrderAddress, Return
from orders.permissions import Viewer
from orders.states import LabelPayer, ReturnReason, ReturnState

REASONS = {
    ReturnReason.CHANGED_MIND: "Changed my mind",
    ReturnReason.DAMAGED: "Damaged",
    ReturnReason.WRONG_ITEM: "Wrong item",
    ReturnReason.NOT_AS_DESCRIBED: "Not as described",
    ReturnReason.OTHER: "Other",
    ReturnReason.UNDELIVERED: "Undelivered",
}
ADDRESS = ("first_name", "last_name", "company", "line1", "line2", "postal_code", "city", "region", "country")


def label(order: Order, number: str, viewer: Viewer) -> bytes:
    """The label of a return, as PDF in A6. Raises `NotAllowedNow` unless it is approved, and `Unavailable`."""
    ret = _find(order, number)
    if ret.shipment_id is not None:
        raise NotAllowedNow("The carrier brings this package back, which needs no label.")
    if ret.status != ReturnState.APPROVED:
        raise NotAllowedNow("There is a label once the return is approved, until it is received.")
    shop_pays = ret.label_paid_by == LabelPayer.SHOP
    return _paper("return_label", order, ret, viewer, shop_pays=shop_pays)


def authorisation(order: Order, number: str, viewer: Viewer) -> bytes:
    """The return authorisation (RMA) as PDF in A4. Raises `Unavailable`."""
    ret = _find(order, number)
    lines = {line.pk: line for line in order.lines.all()}
    asked = [
        {"line": lines[part.line_id], "quantity": part.quantity, "reason": REASONS[ReturnReason(part.reason)]}
        for part in ret.lines.all()
    ]
    return _paper("return_authorisation", order, ret, viewer, lines=asked)


def _find(order: Order, number: str) -> Return:
    return next(found for found in order.returns.all() if found.number == number)


def _paper(name: str, order: Order, ret: Return, viewer: Viewer, **more: Any) -> bytes:
    context = more | {
        "order": order,
        "ret": ret,
        "code": code128(ret.number),
        "shop": settings.SHOP_NAME,
        "to": _lines(settings.SHOP_ORIGIN),
        "sender": _sender(order, viewer),
    }
    return pdf(render_to_string(f"pdf/{name}.html", context))


def _sender(order: Order, viewer: Viewer) -> list[str]:
    """Who sends it, as far as the viewer sees people."""
    kind = OrderAddress.Kind.SHIPPING
    found = next((address for address in order.addresses.all() if address.kind == kind), None)
    if found is None:
        return []
    address = {name: getattr(found, name) for name in ADDRESS}
    return _lines(address if viewer.sees_people else mask_address(address) or {})


def _lines(address: Mapping[str, Any]) -> list[str]:
    """An address as it is written on a parcel, without empty lines."""

    def of(*names: str) -> str:
        return " ".join(str(address.get(name, "")) for name in names).strip()

    rows = [of("first_name", "last_name"), of("company"), of("line1"), of("line2"), of("postal_code", "city")]
    return [row for row in [*rows, of("region"), country(of("country"))] if row]
