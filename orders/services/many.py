"""All of an order at once, for those who work through a queue: each is one transaction over the single verbs."""

from collections.abc import Mapping

from api.actors import Actor
from audit.verbs import verb
from inventory.models import Warehouse
from kernel.errors import NotAllowedNow
from orders.actions import guard
from orders.models import Order, Return, Shipment
from orders.owned import warehouses_of
from orders.services.read import lock_order
from orders.services.returns import approve_return
from orders.services.ship import (
    deliver_shipment,
    pack_shipment,
    ship_shipment,
    unpacked_by_warehouse,
)
from orders.states import ReturnState, ShipmentStatus

NOTHING_HERE = "Nothing of this order is in your warehouses."


@verb
def pack_all(*, order_id: int, by: Actor) -> list[Shipment]:
    """Pack all that is open in the warehouses of `by`, one package each. Raises as `pack_shipment`."""
    order = lock_order(order_id)
    guard("pack", order)
    open_places = unpacked_by_warehouse(order, own=warehouses_of(by))
    codes = dict(Warehouse.objects.filter(pk__in=open_places).values_list("pk", "code"))
    if not codes:
        raise NotAllowedNow(NOTHING_HERE)
    return [pack_shipment(order_id=order_id, warehouse=code, by=by) for code in codes.values()]


@verb
def ship_all(*, order_id: int, carrier: str, tracking: Mapping[str, str], by: Actor) -> list[Shipment]:
    """Hand every packed package to the carrier. `tracking` goes by the number of the package, or of the order.

    Raises as `ship_shipment`.
    """
    order = lock_order(order_id)
    guard("ship", order)
    return [
        ship_shipment(
            shipment_id=package.pk,
            carrier=carrier,
            tracking_number=tracking.get(package.number, tracking.get(order.number, "")),
            by=by,
        )
        for package in _packages(order, ShipmentStatus.PACKED, by)
    ]


@verb
def deliver_all(*, order_id: int, by: Actor) -> list[Shipment]:
    """Record that the customer has every package that was on its way. Raises as `deliver_shipment`."""
    order = lock_order(order_id)
    guard("deliver", order)
    return [deliver_shipment(shipment_id=found.pk, by=by) for found in _packages(order, ShipmentStatus.SHIPPED, by)]


@verb
def approve_returns(*, order_id: int, by: Actor) -> list[Return]:
    """Let the customer send back all that was asked for. Raises as `approve_return`."""
    order = lock_order(order_id)
    guard("approve_return", order)
    waiting = [ret for ret in order.returns.all() if ret.status == ReturnState.REQUESTED]
    return [approve_return(return_id=ret.pk, by=by) for ret in waiting]


def _packages(order: Order, status: str, by: Actor) -> list[Shipment]:
    """Those of the warehouses of `by`. Raises `NotAllowedNow` where none is."""
    theirs = set(Shipment.objects.lying_in(warehouses_of(by)).filter(order=order).values_list("pk", flat=True))
    found = [package for package in order.shipments.all() if package.status == status and package.pk in theirs]
    if not found:
        raise NotAllowedNow(NOTHING_HERE)
    return found
