"""Units of an order that are not there yet: noted on its lines, and given to it when they come."""

from collections.abc import Iterable, Mapping, Sequence

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.backorders.allocating import allocate_waiting
from inventory.models import Backorder, Reservation
from inventory.routing import Destination
from orders.events import WaitingAllocated
from orders.models import Order, OrderAddress, OrderLine
from orders.services.advance import advance
from orders.services.read import lock_order


def note_waiting(lines: Sequence[OrderLine], promised: Iterable[Reservation | Backorder]) -> bool:
    """Write on the lines which of their units are not there yet, and when they were to come. Costs nothing if none.

    Returns whether there are any.
    """
    by_line = {row.order_line_id: row for row in promised if isinstance(row, Backorder)}
    late = [line for line in lines if line.pk in by_line]
    for line in late:
        line.waiting, line.promised_on = by_line[line.pk].quantity, by_line[line.pk].promised_on
    if late:
        OrderLine.objects.bulk_update(late, ["waiting", "promised_on"])
    return bool(late)


def destination_of(address: Mapping[str, str] | OrderAddress | None) -> Destination:
    """What routing looks at of a shipping address."""
    if address is None:
        return Destination()
    if isinstance(address, OrderAddress):
        return Destination(address.country, address.region)
    return Destination(address.get("country", ""), address.get("region", ""))


@verb
def allocate_order(*, order_id: int, by: Actor) -> Order:
    """Reserve for the order what came in, as far as nobody has waited longer. Raises `NotFound`."""
    order = lock_order(order_id)
    given = allocate_waiting(
        order_id=order.pk, number=order.number, expires_at=order.expires_at, to=destination_of(shipping_address(order))
    )
    if not given:
        return order
    served = [line for line in order.lines.all() if line.pk in given]
    for line in served:
        line.waiting -= given[line.pk]
    OrderLine.objects.bulk_update(served, ["waiting"])
    advance(order, list(order.lines.all()), verb="allocate", by=by)
    publish(WaitingAllocated(order_id=order.pk, version=order.version, units=sum(given.values())), by=by)
    return order


def shipping_address(order: Order) -> OrderAddress | None:
    return next((found for found in order.addresses.all() if found.kind == OrderAddress.Kind.SHIPPING), None)
