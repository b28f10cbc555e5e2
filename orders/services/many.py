"""All of an order at once, for those who work through a queue: each is one transaction over the single verbs."""

from collections.abc import Mapping

from api.actors import Actor
from audit.verbs import verb
from inventory.models import Warehouse
from orders.actions import guard
from orders.models import Order, Return, Shipment
from orders.services.read import lock_order
from orders.services.returns import approve_return
from orders.services.ship import deliver_shipment, pack_shipment, ship_shipment, unpacked_by_warehouse
from orders.states import ReturnState, ShipmentStatus


@verb
def pack_all(*, order_id: int, by: Actor) -> list[Shipment]:
    """Pack all that is open, one package a warehouse. Raises as `pack_shipment`."""
    order = lock_order(order_id)
    guard("pack", order)
    codes = dict(Warehouse.objects.filter(pk__in=unpacked_by_warehouse(order)).values_list("pk", "code"))
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
        for package in _packages(order, ShipmentStatus.PACKED)
    ]


@verb
def deliver_all(*, order_id: int, by: Actor) -> list[Shipment]:
    """Record that the customer has every package that was on its way. Raises as `deliver_shipment`."""
    order = lock_order(order_id)
    guard("deliver", order)
    return [deliver_shipment(shipment_id=found.pk, by=by) for found in _packages(order, ShipmentStatus.SHIPPED)]


@verb
def approve_returns(*, order_id: int, by: Actor) -> list[Return]:
    """Let the customer send back all that was asked for. Raises as `approve_return`."""
    order = lock_order(order_id)
    guard("approve_return", order)
    waiting = [ret for ret in order.returns.all() if ret.status == ReturnState.REQUESTED]
    return [approve_return(return_id=ret.pk, by=by) for ret in waiting]


def _packages(order: Order, status: str) -> list[Shipment]:
    return [package for package in order.shipments.all() if package.status == status]
