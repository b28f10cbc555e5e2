"""Packages: packed, shipped, delivered or lost, or unpacked again.

Each verb here looks up which warehouses are its `by`'s, so that whoever comes through the API, the back office or a
queue of many orders is held to them. What lies elsewhere is refused as if it did not exist.
"""

from collections.abc import Mapping

from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.models import Warehouse
from inventory.services import Pick, consume, open_by_warehouse
from inventory.wms.push import queue_shipped
from kernel.errors import NotAllowedNow, NotFound
from orders.actions import guard, refusal
from orders.bench.picks import note_packed
from orders.events import ShipmentCancelled, ShipmentDelivered, ShipmentLost, ShipmentPacked, ShipmentShipped
from orders.models import Order, OrderLine, Shipment, ShipmentLine
from orders.owned import warehouses_of
from orders.services.advance import advance
from orders.services.read import lock_order, packed_by_warehouse, pick_lines
from orders.states import SHIPMENT_MOVES, ShipmentStatus


@verb
def pack_shipment(
    *,
    order_id: int,
    lines: Mapping[int, int] | None = None,
    warehouse: str | None = None,
    weight_grams: int | None = None,
    by: Actor,
) -> Shipment:
    """Put units into one package from one warehouse; without `lines` ({line id: units}) all that is open there.

    Without `warehouse` (a code) the first of theirs that holds all that is asked. Raises `NotAllowedNow` (not paid,
    nothing open there), `NotFound`, `OnHold`, `TooMany` (more than is open, or than that warehouse holds for the
    order).
    """
    order = lock_order(order_id)
    guard("pack", order)
    own = warehouses_of(by)
    held = unpacked_by_warehouse(order, own=own)
    warehouse_id = _choose_warehouse(held, lines, warehouse, own)
    room = held.get(warehouse_id, {})
    room = {line.pk: min(room.get(line.pk, 0), line.units.unpacked) for line in order.lines.all()}
    chosen = pick_lines(order, room if lines is None else lines, room)
    if not chosen:
        raise refusal(order, "That warehouse holds nothing for this order.", field="warehouse")
    shipment = Shipment.objects.create(
        order=order,
        number=f"{order.number}-{len(order.shipments.all()) + 1}",
        warehouse_id=warehouse_id,
        weight_grams=weight_grams,
        packed_at=timezone.now(),
    )
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, line=line, quantity=quantity) for line, quantity in chosen.items()
    )
    _count(chosen, "packed", 1)
    units = {line.pk: quantity for line, quantity in chosen.items()}
    note_packed(units, warehouse_id=warehouse_id, at=shipment.packed_at)
    advance(order, list(order.lines.all()), verb="pack", by=by)
    publish(ShipmentPacked(order_id=order.pk, version=order.version, shipment_id=shipment.pk), by=by)
    return shipment


@verb
def ship_shipment(*, shipment_id: int, carrier: str = "", tracking_number: str = "", by: Actor) -> Shipment:
    """Hand a package to the carrier: its units leave the stock. Raises `NotFound`, `NotAllowedNow`, `OnHold`."""
    order, shipment = lock_shipment(shipment_id, ShipmentStatus.SHIPPED, by)
    guard("ship", order)
    contents = contents_of(order, shipment)
    shipment.status, shipment.shipped_at = ShipmentStatus.SHIPPED, timezone.now()
    shipment.carrier, shipment.tracking_number = carrier, tracking_number
    shipment.save()
    _count(contents, "shipped", 1)
    picks = [
        Pick(line_id=line.pk, warehouse_id=shipment.warehouse_id, quantity=quantity)
        for line, quantity in contents.items()
    ]
    consume(order_id=order.pk, picks=picks, cause=shipment.cause, by=by)
    advance(order, list(order.lines.all()), verb="ship", by=by)
    # With its movements, since until the WMS has heard of them its numbers have the units.
    queue_shipped(order_id=order.pk, version=order.version, warehouse_id=shipment.warehouse_id, cause=shipment.cause)
    publish(ShipmentShipped(order_id=order.pk, version=order.version, shipment_id=shipment.pk), by=by)
    return shipment


@verb
def deliver_shipment(*, shipment_id: int, by: Actor) -> Shipment:
    """Record that the customer has the package. Raises `NotFound` and `NotAllowedNow`."""
    order, shipment = lock_shipment(shipment_id, ShipmentStatus.DELIVERED, by)
    now = timezone.now()
    shipment.status, shipment.delivered_at = ShipmentStatus.DELIVERED, now
    shipment.save()
    _count(contents_of(order, shipment), "delivered", 1)
    if all(line.delivered == line.units.live for line in order.lines.all()):
        order.delivered_at = now
    advance(order, list(order.lines.all()), verb="deliver", by=by)
    publish(ShipmentDelivered(order_id=order.pk, version=order.version, shipment_id=shipment.pk), by=by)
    return shipment


@verb
def lose_shipment(*, shipment_id: int, note: str = "", by: Actor) -> Shipment:
    """Give up on a package that its carrier does not find. Raises `NotFound` and `NotAllowedNow`.

    Its units have left the stock and count as shipped; what was paid for them is given back by refunds. Should it turn
    up, it can still be delivered.
    """
    order, shipment = lock_shipment(shipment_id, ShipmentStatus.LOST, by)
    shipment.status = ShipmentStatus.LOST
    shipment.save()
    advance(order, list(order.lines.all()), verb="lose_shipment", by=by, reason=note)
    publish(ShipmentLost(order_id=order.pk, version=order.version, shipment_id=shipment.pk), by=by)
    return shipment


@verb
def cancel_shipment(*, shipment_id: int, by: Actor) -> Shipment:
    """Unpack a package that has not left; its units are open again. Raises `NotFound` and `NotAllowedNow`."""
    order, shipment = lock_shipment(shipment_id, ShipmentStatus.CANCELLED, by)
    shipment.status, shipment.cancelled_at = ShipmentStatus.CANCELLED, timezone.now()
    shipment.save()
    _count(contents_of(order, shipment), "packed", -1)
    advance(order, list(order.lines.all()), verb="cancel_shipment", by=by)
    publish(ShipmentCancelled(order_id=order.pk, version=order.version, shipment_id=shipment.pk), by=by)
    return shipment


def lock_shipment(shipment_id: int, target: ShipmentStatus, by: Actor) -> tuple[Order, Shipment]:
    """The order, locked, and its package, if it is `by`'s to move and may move to `target`."""
    order_id = (
        Shipment.objects.lying_in(warehouses_of(by)).filter(pk=shipment_id).values_list("order_id", flat=True).first()
    )
    if order_id is None:
        raise NotFound("There is no such package.")
    order = lock_order(order_id)
    shipment = next(found for found in order.shipments.all() if found.pk == shipment_id)
    if target not in SHIPMENT_MOVES.get(shipment.status, frozenset()):
        raise refusal(order, f"A package that is {shipment.status} cannot become {target}.")
    return order, shipment


def contents_of(order: Order, shipment: Shipment) -> dict[OrderLine, int]:
    """The order's own line objects, so that counting on them shows in the derived statuses."""
    own = {line.pk: line for line in order.lines.all()}
    return {own[part.line_id]: part.quantity for part in shipment.lines.all()}


def _count(contents: Mapping[OrderLine, int], stage: str, sign: int) -> None:
    for line, quantity in contents.items():
        setattr(line, stage, getattr(line, stage) + sign * quantity)
    OrderLine.objects.bulk_update(contents, [stage])


def unpacked_by_warehouse(order: Order, *, own: frozenset[str] | None = None) -> dict[int, dict[int, int]]:
    """{warehouse id: {line id: units}} reserved for the order and not yet in a package, best warehouse first.

    Only in the warehouses with the codes `own`; None: in all.
    """
    held, packed = open_by_warehouse(order_id=order.pk), packed_by_warehouse(order)
    if own is not None:
        theirs = set(Warehouse.objects.filter(pk__in=held, code__in=sorted(own)).values_list("pk", flat=True))
        held = {place: lines for place, lines in held.items() if place in theirs}
    left = {
        place: {line: units - packed.get(place, {}).get(line, 0) for line, units in lines.items()}
        for place, lines in held.items()
    }
    return {place: kept for place, lines in left.items() if (kept := {line: n for line, n in lines.items() if n > 0})}


def _choose_warehouse(
    held: Mapping[int, Mapping[int, int]], lines: Mapping[int, int] | None, code: str | None, own: frozenset[str] | None
) -> int:
    if code is not None:
        found = Warehouse.objects.filter(code=code).values_list("pk", flat=True).first()
        if found is None or (own is not None and code not in own):
            raise NotFound("There is no such warehouse.", field="warehouse")
        return found
    if not held:
        where = "" if own is None else " in your warehouses"
        raise NotAllowedNow(f"No stock is reserved for this order{where}.")
    for warehouse_id, there in held.items():
        if lines is not None and all(there.get(line, 0) >= quantity for line, quantity in lines.items()):
            return warehouse_id
    return next(iter(held))
