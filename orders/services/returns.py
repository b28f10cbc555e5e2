"""Returns: asked for, decided, received."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.models import Warehouse
from inventory.services import Restock, restock
from kernel.errors import Invalid, NotFound, PermissionRefused
from orders.actions import guard, refusal
from orders.events import ReturnApproved, ReturnEvent, ReturnReceived, ReturnRejected, ReturnRequested
from orders.models import Order, OrderLine, Return, ReturnLine, Shipment
from orders.services.advance import advance
from orders.services.read import lock_order, pick_lines
from orders.services.ship import warehouses_of
from orders.states import RETURN_MOVES, ReturnState, ShipmentStatus, Status

NOT_YOURS = "Line {} left from a warehouse that is not yours: take it in without putting it on the shelf."


@dataclass(frozen=True, slots=True)
class Wish:
    """Units of a line the customer wants to send back, and why (`ReturnLine.Reason`)."""

    line_id: int
    quantity: int
    reason: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units of a line that came back, how (`ReturnLine.Condition`), and whether they go on sale again."""

    line_id: int
    quantity: int
    condition: str
    restock: bool


@verb
def request_return(*, order_id: int, wishes: Sequence[Wish], note: str = "", by: Actor) -> Return:
    """Open a return for delivered units. Raises `NotAllowedNow` (nothing to return, too late) and `TooMany`."""
    order = lock_order(order_id)
    guard("request_return", order)
    chosen = pick_lines(order, _by_line(wishes), returnable(order))
    if not chosen:
        raise Invalid("Name at least one line.", field="lines")
    ret = Return.objects.create(
        order=order, number=f"{order.number}-R{len(order.returns.all()) + 1}", note=note, requested_at=timezone.now()
    )
    reasons = {wish.line_id: wish.reason for wish in wishes}
    ReturnLine.objects.bulk_create(
        ReturnLine(ret=ret, line=line, quantity=quantity, reason=reasons[line.pk]) for line, quantity in chosen.items()
    )
    advance(order, list(order.lines.all()), verb="request_return", by=by, open_returns=True)
    return _tell(order, ret, ReturnRequested, by)


@verb
def approve_return(*, return_id: int, by: Actor) -> Return:
    """Let the customer send it. Raises `NotAllowedNow` unless it waits for a decision."""
    order, ret = _lock_return(return_id, ReturnState.APPROVED)
    _decide(order, ret, ReturnState.APPROVED, "", by)
    return _tell(order, ret, ReturnApproved, by)


@verb
def reject_return(*, return_id: int, reason: str = "", by: Actor) -> Return:
    """Refuse it. Raises `NotAllowedNow` once it is received."""
    order, ret = _lock_return(return_id, ReturnState.REJECTED)
    _decide(order, ret, ReturnState.REJECTED, reason, by)
    return _tell(order, ret, ReturnRejected, by)


@verb
def receive_return(*, return_id: int, arrivals: Sequence[Arrival], by: Actor) -> Return:
    """Count what came back; what may be sold again goes back on the shelf it left from.

    Raises `NotAllowedNow` unless approved, `TooMany` for more than was announced, and `PermissionRefused` where goods
    would go back onto a shelf that is not `by`'s. What did not come stays with the customer.
    """
    order, ret = _lock_return(return_id, ReturnState.RECEIVED)
    announced = {part.line_id: part for part in ret.lines.all()}
    room = {line.pk: announced[line.pk].quantity if line.pk in announced else 0 for line in order.lines.all()}
    chosen = pick_lines(order, _by_line(arrivals), room)
    if not chosen:
        raise Invalid("Name at least one line.", field="lines")
    for line, quantity in chosen.items():
        line.returned += quantity
    OrderLine.objects.bulk_update(chosen, ["returned"])
    arrived = [arrival for arrival in arrivals if arrival.quantity]
    for arrival in arrived:
        part = announced[arrival.line_id]
        part.received, part.condition = arrival.quantity, arrival.condition
        part.restocked = arrival.quantity if arrival.restock else 0
    ReturnLine.objects.bulk_update(announced.values(), ["received", "condition", "restocked"])
    ret.status, ret.received_at = ReturnState.RECEIVED, timezone.now()
    ret.save()
    _restock(order, ret, arrived, by)
    advance(order, list(order.lines.all()), verb="receive_return", by=by, open_returns=_others_open(order, ret))
    if order.status == Status.RETURNED:
        _mark_packages_returned(order)
    return _tell(order, ret, ReturnReceived, by)


def _by_line(parts: Sequence[Wish] | Sequence[Arrival]) -> dict[int, int]:
    if len({part.line_id for part in parts}) < len(parts):
        raise Invalid("Name each line once.", field="lines")
    return {part.line_id: part.quantity for part in parts}


def returnable(order: Order) -> dict[int, int]:
    """{line id: units} delivered, not returned and not on their way back already."""
    open_units: dict[int, int] = {}
    for ret in order.returns.all():
        if ret.status in {ReturnState.REQUESTED, ReturnState.APPROVED}:
            for part in ret.lines.all():
                open_units[part.line_id] = open_units.get(part.line_id, 0) + part.quantity
    return {line.pk: line.delivered - line.returned - open_units.get(line.pk, 0) for line in order.lines.all()}


def _lock_return(return_id: int, target: ReturnState) -> tuple[Order, Return]:
    order_id = Return.objects.filter(pk=return_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NotFound("There is no such return.")
    order = lock_order(order_id)
    ret = next(found for found in order.returns.all() if found.pk == return_id)
    if target not in RETURN_MOVES.get(ret.status, frozenset()):
        raise refusal(order, f"A return that is {ret.status} cannot become {target}.")
    return order, ret


def _decide(order: Order, ret: Return, state: ReturnState, reason: str, by: Actor) -> None:
    ret.status, ret.decided_at = state, timezone.now()
    ret.save()
    is_open = state == ReturnState.APPROVED or _others_open(order, ret)
    verb_name = "approve_return" if state == ReturnState.APPROVED else "reject_return"
    advance(order, list(order.lines.all()), verb=verb_name, by=by, reason=reason, open_returns=is_open)


def _others_open(order: Order, ret: Return) -> bool:
    open_states = {ReturnState.REQUESTED, ReturnState.APPROVED}
    return any(found.status in open_states for found in order.returns.all() if found.pk != ret.pk)


def _restock(order: Order, ret: Return, arrivals: Sequence[Arrival], by: Actor) -> None:
    came_from = _warehouse_of_lines(order)
    wants = [
        Restock(line_id=arrival.line_id, warehouse_id=came_from[arrival.line_id], quantity=arrival.quantity)
        for arrival in arrivals
        if arrival.restock
    ]
    if wants:
        theirs = restockable(order, own=warehouses_of(by))
        for want in wants:
            if want.line_id not in theirs:
                raise PermissionRefused(NOT_YOURS.format(want.line_id), field="lines")
        restock(order_id=order.pk, wants=wants, cause=f"return:{ret.number}", by=by)


def restockable(order: Order, *, own: frozenset[str] | None) -> frozenset[int]:
    """Ids of the lines that left from the warehouses with the codes `own` and go back there; None: from any."""
    came_from = _warehouse_of_lines(order)
    places = Warehouse.objects.filter(pk__in=came_from.values()).lying_in(own).values_list("pk", flat=True)
    theirs = set(came_from.values() if own is None else places)
    return frozenset(line_id for line_id, place in came_from.items() if place in theirs)


def _warehouse_of_lines(order: Order) -> Mapping[int, int]:
    return {
        part.line_id: shipment.warehouse_id
        for shipment in order.shipments.all()
        if shipment.status not in {ShipmentStatus.CANCELLED, ShipmentStatus.PACKED}
        for part in shipment.lines.all()
    }


def _mark_packages_returned(order: Order) -> None:
    delivered = [found for found in order.shipments.all() if found.status == ShipmentStatus.DELIVERED]
    for shipment in delivered:
        shipment.status = ShipmentStatus.RETURNED
    Shipment.objects.bulk_update(delivered, ["status"])


def _tell(order: Order, ret: Return, event: type[ReturnEvent], by: Actor) -> Return:
    publish(event(order_id=order.pk, version=order.version, return_id=ret.pk), by=by)
    return ret
