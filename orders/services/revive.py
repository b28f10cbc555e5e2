"""An order that nobody paid in time, and then somebody did."""

from decimal import Decimal

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.callers import own_warehouses
from inventory.services import Want, reserve
from kernel.errors import NotAllowedNow
from orders.codes.redeem import confirm_codes, reserve_again
from orders.events import OrderRevived
from orders.models import Order, OrderLine
from orders.services.advance import advance
from orders.services.read import lock_order
from orders.services.waiting import destination_of, note_waiting, shipping_address
from orders.states import Status

EXPIRED = "expired"


@verb
def revive_order(*, order_id: int, by: Actor) -> Order:
    """Take the stock of an expired order again, now that all of it is paid for.

    Raises `NotAllowedNow` when it did not expire as it was placed or is not paid in full, and `InsufficientStock`
    when somebody else has the goods, or `CodeNotApplicable` when its codes are used up: then the money goes back
    instead.
    """
    order = lock_order(order_id)
    gave_up = order.transitions.filter(verb="cancel").exists()
    if order.status != Status.CANCELLED or order.cancel_reason != EXPIRED or gave_up:
        raise NotAllowedNow("Only an order that expired can be revived.")
    if order.captured_total - order.refunded_total < order.total:
        raise NotAllowedNow("The order is not paid in full.")
    lines = list(order.lines.all())
    wants = [Want(line_id=line.pk, sku=line.sku, quantity=line.quantity) for line in lines]
    reserve_again(order)
    own = own_warehouses(order.partner)
    to = destination_of(shipping_address(order))
    note_waiting(lines, reserve(order_id=order.pk, wants=wants, expires_at=None, number=order.number, to=to, own=own))
    for line in lines:
        line.cancelled = 0
    OrderLine.objects.bulk_update(lines, ["cancelled"])
    order.cancelled_total, order.cancelled_at, order.cancel_reason = Decimal(0), None, ""
    confirm_codes(order)
    advance(order, lines, verb="revive", by=by, reason="paid after it had expired")
    publish(OrderRevived(order_id=order.pk, version=order.version), by=by)
    return order
