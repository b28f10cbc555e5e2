"""What came back: counted unit by unit, judged, and put where it belongs."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from api.actors import Actor
from audit.verbs import verb
from inventory.models import Warehouse
from inventory.services import Restock, restock
from kernel.errors import Invalid, NotFound
from kernel.money import ZERO, is_exact, quantize
from orders.events import ReturnReceived
from orders.models import Order, OrderLine, Return, ReturnLine, ReturnUnit, Shipment
from orders.owned import warehouses_of
from orders.returning.rules import shipping_paid, worth
from orders.services.advance import advance
from orders.services.read import pick_lines
from orders.services.returns import lock_return, others_open, tell
from orders.services.undelivered import package_of, take_back
from orders.states import Condition, Disposition, ReturnState, ShipmentStatus, Status

WORST_LAST = tuple(Condition.values)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units of a line that came back alike: how, and what becomes of them.

    Without a `disposition` what is not restocked is scrapped when damaged, and otherwise waits to be refurbished.
    `photo` is the name of a picture that is stored already.
    """

    line_id: int
    quantity: int
    condition: str
    restock: bool
    disposition: str = ""
    note: str = ""
    photo: str = ""

    @property
    def goes_to(self) -> str:
        if self.disposition:
            return self.disposition
        if self.restock:
            return Disposition.RESTOCK
        return Disposition.SCRAP if self.condition == Condition.DAMAGED else Disposition.REFURBISH


@verb
def receive_return(
    *,
    return_id: int,
    arrivals: Sequence[Arrival],
    warehouse: str | None = None,
    fee: Decimal | None = None,
    by: Actor,
) -> Return:
    """Count what came back; what may be sold again goes on the shelf of `warehouse`, or on the one it left from.

    `fee` stands instead of what the rules of the return say. Raises `NotAllowedNow` unless approved, `TooMany` for
    more than was announced, `NotFound` (another's line or warehouse), `Invalid`. What did not come stays with the
    customer; of a package that was not delivered, all units are counted.
    """
    order, ret = lock_return(return_id, ReturnState.RECEIVED)
    arrived = [arrival for arrival in arrivals if arrival.quantity]
    _check(arrived)
    announced = {part.line_id: part for part in ret.lines.all()}
    room = {line.pk: announced[line.pk].quantity if line.pk in announced else 0 for line in order.lines.all()}
    chosen = pick_lines(order, _units_by_line(arrivals), room)
    if not chosen:
        raise Invalid("Name at least one line.", field="lines")
    places = _places(order, ret, chosen, warehouse, by)
    if (package := package_of(order, ret)) is not None:
        take_back(order, package, chosen)
    for line, quantity in chosen.items():
        announced[line.pk].value = worth(line, after=line.returned, count=quantity, currency=order.currency)
        line.returned += quantity
    OrderLine.objects.bulk_update(chosen, ["returned"])
    _count(announced, arrived)
    ret.fee, ret.shipping = _fee(order, announced.values(), fee), _shipping(order, ret, announced.values())
    ret.status, ret.received_at = ReturnState.RECEIVED, timezone.now()
    ret.save()
    _write_units(announced, arrived, places)
    _restock(order, ret, arrived, places, by)
    advance(order, list(order.lines.all()), verb="receive_return", by=by, open_returns=others_open(order, ret))
    if order.status == Status.RETURNED:
        _mark_packages_returned(order)
    return tell(order, ret, ReturnReceived, by)


def _check(arrived: Sequence[Arrival]) -> None:
    kinds = Counter((arrival.line_id, arrival.condition, arrival.goes_to) for arrival in arrived)
    if any(times > 1 for times in kinds.values()):
        raise Invalid("Name units of a line that came back alike once.", field="lines")
    for place, arrival in enumerate(arrived):
        if (arrival.goes_to == Disposition.RESTOCK) != arrival.restock:
            raise Invalid(
                "What is restocked has this disposition, and nothing else has.", field=f"lines.{place}.disposition"
            )


def _units_by_line(arrivals: Sequence[Arrival]) -> dict[int, int]:
    units = Counter[int]()
    for arrival in arrivals:
        units[arrival.line_id] += arrival.quantity
    return dict(units)


def _places(order: Order, ret: Return, chosen: Mapping[OrderLine, int], code: str | None, by: Actor) -> dict[int, int]:
    """{line id: warehouse id}: the one that was named, else where each line left from."""
    own = warehouses_of(by)
    if code is not None:
        found = Warehouse.objects.filter(code=code).values_list("pk", flat=True).first()
        if found is None or (own is not None and code not in own):
            raise NotFound("There is no such warehouse.", field="warehouse")
        return {line.pk: found for line in chosen}
    left = left_from(order, ret)
    places = {line.pk: left[line.pk] for line in chosen}
    if own is None or all(place.code in own for place in places.values()):
        return {line_id: place.pk for line_id, place in places.items()}
    if len(own) == 1:
        only = Warehouse.objects.get(code=next(iter(own)))
        return {line.pk: only.pk for line in chosen}
    raise Invalid("It left from elsewhere: say in which of your warehouses it arrived.", field="warehouse")


def left_from(order: Order, ret: Return) -> dict[int, Warehouse]:
    """{line id: the warehouse of the last package that left with units of it}, or of the one that comes back."""
    return {
        part.line_id: shipment.warehouse
        for shipment in order.shipments.all()
        if shipment.status not in {ShipmentStatus.CANCELLED, ShipmentStatus.PACKED}
        and ret.shipment_id in {None, shipment.pk}
        for part in shipment.lines.all()
    }


def _count(announced: Mapping[int, ReturnLine], arrived: Sequence[Arrival]) -> None:
    for arrival in arrived:
        part = announced[arrival.line_id]
        part.received += arrival.quantity
        part.restocked += arrival.quantity if arrival.restock else 0
        part.condition = max(part.condition or arrival.condition, arrival.condition, key=WORST_LAST.index)
    ReturnLine.objects.bulk_update(announced.values(), ["received", "condition", "restocked", "value"])


def _fee(order: Order, parts: Collection[ReturnLine], given: Decimal | None) -> Decimal:
    value = sum((part.value or ZERO for part in parts), ZERO)
    if given is None:
        return sum((fee_of(part, order.currency) for part in parts if part.received), ZERO)
    if not is_exact(given, order.currency) or not 0 <= given <= value:
        raise Invalid(f"A fee is between 0 and what was paid for the units, in {order.currency}.", field="fee")
    return given


def fee_of(part: ReturnLine, currency: str) -> Decimal:
    """What the rules keep of a received line: rounded once, and never more than was paid for it."""
    value = part.value or ZERO
    return min(quantize(value * part.fee_percent / 100, currency) + part.fee_amount, value)


def _shipping(order: Order, ret: Return, parts: Collection[ReturnLine]) -> Decimal:
    """The order's shipping goes back once: with the last of its units, or with the first whose rule says so."""
    if any(other.shipping for other in order.returns.all() if other.pk != ret.pk):
        return ZERO
    is_all = all(line.returned == line.units.live for line in order.lines.all())
    by_rule = any(part.refund_shipping for part in parts if part.received)
    return shipping_paid(order) if is_all or by_rule else ZERO


def _write_units(announced: Mapping[int, ReturnLine], arrived: Sequence[Arrival], places: Mapping[int, int]) -> None:
    now = timezone.now()
    ReturnUnit.objects.bulk_create(
        ReturnUnit(
            part=announced[arrival.line_id],
            quantity=arrival.quantity,
            condition=arrival.condition,
            disposition=arrival.goes_to,
            warehouse_id=places[arrival.line_id],
            note=arrival.note,
            photo=arrival.photo,
            received_at=now,
            restocked_at=now if arrival.restock else None,
        )
        for arrival in arrived
    )


def _restock(order: Order, ret: Return, arrived: Sequence[Arrival], places: Mapping[int, int], by: Actor) -> None:
    """One movement for each line, however its units differ."""
    units = _units_by_line([arrival for arrival in arrived if arrival.restock])
    wants = [Restock(line_id=line_id, warehouse_id=places[line_id], quantity=count) for line_id, count in units.items()]
    restock(order_id=order.pk, wants=wants, cause=f"return:{ret.number}", by=by)


def _mark_packages_returned(order: Order) -> None:
    delivered = [found for found in order.shipments.all() if found.status == ShipmentStatus.DELIVERED]
    for shipment in delivered:
        shipment.status = ShipmentStatus.RETURNED
    Shipment.objects.bulk_update(delivered, ["status"])
