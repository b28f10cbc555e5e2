"""What the page of one order shows, read in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from accounts.roles import may
from inventory.callers import is_theirs
from inventory.models import Shortfall
from orders.back_office.display import exact, money, words
from orders.back_office.panels import panels_of
from orders.back_office.thumbnails import thumbnails
from orders.back_office.verbs import Button, buttons_for, menu_of, next_of
from orders.models import CarrierScan, Order, OrderAddress, OrderLine, Return, Shipment
from orders.reading import attach_parts
from orders.scans.reading import scans_of
from orders.services import may_come_back
from orders.states import ReturnState, ShipmentStatus, Status
from orders.timeline import Change, TimelineEntry, timeline

SAME_MOMENT = timedelta(seconds=1)
PACKAGE_VERBS: dict[str, tuple[str, ...]] = {
    ShipmentStatus.PACKED: ("ship", "cancel_shipment"),
    ShipmentStatus.SHIPPED: ("deliver", "return_to_sender", "lose_shipment"),
    ShipmentStatus.LOST: ("deliver_lost", "return_to_sender"),
}
RETURN_VERBS: dict[str, tuple[str, ...]] = {
    ReturnState.REQUESTED: ("approve_return", "reject_return"),
    ReturnState.APPROVED: ("receive_return", "reject_return"),
}
AMOUNTS = frozenset(
    {"subtotal", "discount_total", "shipping_total", "tax_total", "total", "cancelled_total", "authorized_total",
     "captured_total", "refunded_total", "unit_price", "discount", "tax"}
)  # fmt: skip
STAGES = (Status.PENDING, Status.PAID, Status.PACKED, Status.SHIPPED, Status.DELIVERED, Status.RETURNED)


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the bar at the top: how many of the live units have come so far."""

    title: str
    units: int
    of: int
    at: datetime | None

    @property
    def state(self) -> str:
        if self.units >= self.of:
            return "done"
        return "part" if self.units else "open"


@dataclass(frozen=True, slots=True)
class Card:
    """A package or a return, with what can be done with it now."""

    it: Shipment | Return
    lines: Sequence[Mapping[str, Any]]
    buttons: Sequence[Button]
    scans: Sequence[CarrierScan] = ()
    undelivered: str = ""


@dataclass(slots=True)
class Moment:
    """One line of the timeline: what happened, and all that was written because of it."""

    head: TimelineEntry
    parts: list[TimelineEntry] = field(default_factory=list)

    @property
    def kinds(self) -> str:
        return " ".join(sorted({entry.kind for entry in [self.head, *self.parts]}))


def page_of(request: HttpRequest, order: Order) -> dict[str, Any]:
    """The context of the page."""
    attach_parts([order])
    buttons = buttons_for(request.user, order)
    big = next_of(buttons)
    entries = timeline(order)
    pictures = thumbnails(line.product_id for line in order.lines.all())
    addresses = {address.kind: address for address in order.addresses.all()}
    scans = scans_of(order)
    return {
        "order": order,
        "history_url": reverse("admin:orders_order_history", args=(order.pk,)),
        "stages": stages(order, entries),
        "big": big,
        "buttons": buttons,
        "menu": menu_of(buttons, big),
        "lines": [line_of(line, pictures) for line in order.lines.all()],
        "packages": [_package(found, order, pictures, buttons, scans, request.user) for found in order.shipments.all()],
        "returns": [_return(found, order, pictures, buttons) for found in order.returns.all()],
        "shipping": addresses.get(OrderAddress.Kind.SHIPPING),
        "billing": addresses.get(OrderAddress.Kind.BILLING),
        "holds": [hold for hold in order.holds.all() if hold.released_at is None],
        "notes": [entry for entry in entries if entry.kind == "note"],
        "short": _short(order, request.user),
        "panels": panels_of(request, order),
        "moments": moments(entries, order.currency),
        "kinds": _kinds(entries),
        "may_see_customer": may(request.user.role, "accounts.view_user"),  # type: ignore[union-attr]
    }


def stages(order: Order, entries: Sequence[TimelineEntry]) -> list[Stage]:
    """Placed, paid, packed, shipped, delivered, and returned where something came back."""
    reached = _first_reached(entries)
    lines = order.lines.all()
    live = sum(line.units.live for line in lines)
    counts = {
        Status.PENDING: live,
        Status.PAID: live if order.money().is_settled else 0,
        **{stage: sum(getattr(line, stage) for line in lines) for stage in ("packed", "shipped", "delivered")},
        Status.RETURNED: sum(line.returned for line in lines),
    }
    shown = STAGES if counts[Status.RETURNED] else STAGES[:-1]
    return [
        Stage("Placed" if name == Status.PENDING else words(name), counts[name], live, reached.get(name))
        for name in shown
    ]


def _first_reached(entries: Sequence[TimelineEntry]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for entry in reversed(entries):
        for change in entry.changes if entry.kind == "step" else ():
            if change.field == "status":
                found.setdefault(change.new, entry.at)
    return found


def line_of(line: OrderLine, pictures: Mapping[int, str]) -> dict[str, Any]:
    return {"line": line, "units": line.units, "picture": pictures.get(line.product_id, "")}


def _package(
    found: Shipment,
    order: Order,
    pictures: Mapping[int, str],
    buttons: Mapping[str, Button],
    scans: Sequence[CarrierScan],
    user: object,
) -> Card:
    """A package is seen with its order, and moved by those whose warehouse it lies in."""
    names = PACKAGE_VERBS.get(found.status, ()) if is_theirs(user, found.warehouse.code) else ()
    if found not in may_come_back(order):
        names = tuple(name for name in names if name != "return_to_sender")
    verbs = _buttons(names, buttons)
    # Packages under one tracking number travel together.
    told = [scan for scan in scans if scan.tracking_number == found.tracking_number]
    return Card(found, _contents(found, order, pictures), verbs, told)


def _return(found: Return, order: Order, pictures: Mapping[int, str], buttons: Mapping[str, Button]) -> Card:
    verbs = _buttons(RETURN_VERBS.get(found.status, ()), buttons)
    return Card(found, _contents(found, order, pictures), verbs, undelivered=undelivered_number(order, found))


def undelivered_number(order: Order, ret: Return) -> str:
    """The package that the carrier brings back with this return; empty for what the customer sends."""
    return next((found.number for found in order.shipments.all() if found.pk == ret.shipment_id), "")


def _buttons(names: Sequence[str], buttons: Mapping[str, Button]) -> list[Button]:
    return [buttons[name] for name in names if name in buttons]


def _contents(found: Shipment | Return, order: Order, pictures: Mapping[int, str]) -> list[dict[str, Any]]:
    lines = {line.pk: line for line in order.lines.all()}
    return [line_of(lines[part.line_id], pictures) | {"part": part} for part in found.lines.all()]


def _short(order: Order, user: object) -> list[Shortfall]:
    """The levels this order waits for that have less than is promised of them, where the person may look."""
    open_units = Shortfall.objects.visible_to(user).filter(
        closed_at=None, level__reservations__order_id=order.pk, level__reservations__state__in=["held", "committed"]
    )
    return list(open_units.select_related("level__item", "level__warehouse").distinct())


def moments(entries: Sequence[TimelineEntry], currency: str) -> list[Moment]:
    """Entries gathered under the step that caused them, newest first.

    A verb changes its rows, writes its step and then tells others: so a change belongs to the step after it, a fact
    to the one before it, each by the same actor and within a second.
    """
    readable = [_readable(entry, currency) for entry in entries]
    found = [Moment(entry) for entry in readable if entry.kind == "step"]
    steps = list(found)
    for entry in readable:
        if entry.kind == "step":
            continue
        owner = _step_of(entry, steps)
        if owner is None:
            found.append(Moment(entry))
        else:
            owner.parts.append(entry)
    return sorted(found, key=lambda moment: (moment.head.at, moment.head.rank), reverse=True)


def _step_of(entry: TimelineEntry, steps: Sequence[Moment]) -> Moment | None:
    if entry.kind not in {"change", "fact"}:
        return None
    near = [step for step in steps if step.head.actor == entry.actor and abs(step.head.at - entry.at) < SAME_MOMENT]
    right_side = [step for step in near if (step.head.at >= entry.at) == (entry.kind == "change")]
    return min(right_side or near, key=lambda step: abs(step.head.at - entry.at), default=None)


def _readable(entry: TimelineEntry, currency: str) -> TimelineEntry:
    changes = [
        Change(
            words(change.field), _value(change.field, change.old, currency), _value(change.field, change.new, currency)
        )
        for change in entry.changes
    ]
    return TimelineEntry(
        entry.at, entry.kind, _title(entry), entry.actor, entry.who, entry.detail, changes, entry.states, entry.rank
    )


def _title(entry: TimelineEntry) -> str:
    """`OrderPaid` and `cancel_shipment` as words."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in entry.title).strip()
    return words(spaced)


def _value(name: str, value: Any, currency: str) -> str:
    if value is None or value in ("", []):
        return "–"
    if name in AMOUNTS:
        return money(Decimal(value), currency)
    if name.endswith("_at") or name == "ship_by":
        when = parse_datetime(str(value))
        return exact(when) if when else str(value)
    return words(value) if isinstance(value, str) and value.islower() and "@" not in value else str(value)


def _kinds(entries: Sequence[TimelineEntry]) -> dict[str, int]:
    """What can be filtered, in the order of first appearance from the oldest."""
    found: dict[str, int] = {}
    for entry in reversed(entries):
        found[entry.kind] = found.get(entry.kind, 0) + 1
    return found
