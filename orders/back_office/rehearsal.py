"""Doing a verb in a transaction that is rolled back, to tell what it will do before it is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from api.transactions import retrying
from audit.models import LogEntry
from audit.relay import subscriptions
from inventory.models import StockLevel
from kernel.errors import Refused
from kernel.money import ZERO
from orders.back_office.display import money, words
from orders.models import Order, OrderLine
from orders.reading import attach_parts

STAGES = ("cancelled", "packed", "shipped", "delivered", "returned")
AXES = {
    "status": "Stage",
    "payment_status": "Payment",
    "fulfillment_status": "Fulfilment",
    "return_status": "Return",
}
MONEY = {"total": "Total", "captured_total": "Received", "refunded_total": "Refunded", "cancelled_total": "Cancelled"}


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that will be different: what, from, to."""

    what: str
    was: str
    becomes: str
    kind: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a verb would do, or why it would be refused."""

    effects: Sequence[Effect] = ()
    follows: Sequence[str] = ()
    refusal: Refused | None = None

    @property
    def summary(self) -> str:
        """One line, for a row among many: `Stage: Paid → Packed · Package W1000001-1: new → Packed · 3 units`."""
        shown = [effect for effect in self.effects if effect.kind in {"stage", "parts", "money"}]
        said = [f"{effect.what}: {effect.was} → {effect.becomes}" for effect in shown]
        units = sum(int(effect.becomes) - int(effect.was) for effect in self.effects if effect.kind == "units")
        return " · ".join([*said, f"{units} {'unit' if units == 1 else 'units'}"] if units else said)


@dataclass(frozen=True, slots=True)
class _Facts:
    order: Order
    levels: dict[int, StockLevel]
    facts_told: int


def rehearse(order_id: int, act: Callable[[], object], *, caller: object) -> Rehearsal:
    """Run `act`, compare the order, its packages and the stock that the caller sees with what they were, and undo it
    all.
    """
    return retrying(lambda: _rehearse(order_id, act, caller))


def _rehearse(order_id: int, act: Callable[[], object], caller: object) -> Rehearsal:
    try:
        with transaction.atomic():
            before = _read(order_id, caller)
            act()
            after = _read(order_id, caller)
            told = list(
                LogEntry.objects.filter(aggregate="order", aggregate_id=str(order_id), sequence__gt=before.facts_told)
                .order_by("sequence")
                .values_list("name", flat=True)
            )
            transaction.set_rollback(True)
    except Refused as refusal:
        return Rehearsal(refusal=refusal)
    # What the order had nothing of before, as it is now that all is undone.
    if strangers := after.levels.keys() - before.levels.keys():
        before.levels.update(StockLevel.objects.in_bulk(strangers))
    old, new = before.order, after.order
    effects = [*_stages(old, new), *_parts(old, new), *_units(old, new), *_money(old, new)]
    effects += _stock(before.levels, after.levels)
    return Rehearsal(effects, follows=_follows(told))


def _read(order_id: int, caller: object) -> _Facts:
    order = Order.objects.get(pk=order_id)
    attach_parts([order])
    items = OrderLine.objects.filter(order=order).order_by().values("product__item")
    seen = StockLevel.objects.visible_to(caller).filter(item__in=items)
    levels = seen.select_related("item", "warehouse").order_by("item", "warehouse")
    told = LogEntry.objects.filter(aggregate="order", aggregate_id=str(order_id)).order_by("-sequence")
    newest = told.values_list("sequence", flat=True).first()
    return _Facts(order, {level.pk: level for level in levels}, newest or 0)


def _stages(before: Order, after: Order) -> list[Effect]:
    return [
        Effect(AXES[axis], words(was), words(becomes), "axis" if axis == "fulfillment_status" else "stage")
        for axis in AXES
        if (was := getattr(before, axis)) != (becomes := getattr(after, axis))
    ]


def _parts(before: Order, after: Order) -> list[Effect]:
    """Packages and returns, and by what the carrier knows a package."""
    found = []
    for title, name in (("Package", "shipments"), ("Return", "returns")):
        earlier = {part.number: part for part in getattr(before, name).all()}
        for part in getattr(after, name).all():
            old = earlier.get(part.number)
            if old is None or old.status != part.status:
                was = words(old.status) if old else "new"
                found.append(Effect(f"{title} {part.number}", was, words(part.status), "parts"))
            tracking = getattr(part, "tracking_number", "")
            if tracking and (old is None or old.tracking_number != tracking):
                found.append(Effect(f"Tracking of {part.number}", "–", f"{part.carrier} {tracking}".strip(), "parts"))
    return found


def _units(before: Order, after: Order) -> list[Effect]:
    earlier = {line.pk: line for line in before.lines.all()}
    added = [line for line in after.lines.all() if line.pk not in earlier]
    found = [Effect(f"{line.sku} ordered", "0", str(line.quantity), "units") for line in added]
    return found + [
        Effect(f"{line.sku} {stage}", str(was), str(becomes), "units")
        for line in after.lines.all()
        if line.pk in earlier
        for stage in STAGES
        if (was := getattr(earlier[line.pk], stage)) != (becomes := getattr(line, stage))
    ]


def _money(before: Order, after: Order) -> list[Effect]:
    currency = after.currency
    found = [
        Effect(title, money(was, currency), money(becomes, currency), "money")
        for name, title in MONEY.items()
        if (was := getattr(before, name)) != (becomes := getattr(after, name))
    ]
    for title, amount in (("Still to pay", _owed), ("To be given back", _excess)):
        was, becomes = amount(before), amount(after)
        if was != becomes:
            found.append(Effect(title, money(was, currency), money(becomes, currency), "money"))
    return found


def _owed(order: Order) -> Decimal:
    return order.money().outstanding


def _excess(order: Order) -> Decimal:
    """What has been paid, has not gone back, and is no longer due."""
    return max(order.captured_total - order.refunded_total - order.due, ZERO)


def _stock(before: dict[int, StockLevel], after: dict[int, StockLevel]) -> list[Effect]:
    return [
        Effect(f"{level.item.sku} at {level.warehouse.code}, {words(name).lower()}", str(was), str(becomes), "stock")
        for pk, level in after.items()
        if pk in before
        for name in ("on_hand", "reserved", "available")
        if (was := getattr(before[pk], name)) != (becomes := getattr(level, name))
    ]


def _follows(told: Sequence[str]) -> list[str]:
    """What other parts of the shop will do about it, by the table of subscriptions."""
    table = {event.__name__: handlers for event, handlers in subscriptions().items()}
    names = [handler.__name__ for name in told for handler in table.get(name, ())]
    return [words(name) for name in dict.fromkeys(names) if not name.startswith("broadcast")]
