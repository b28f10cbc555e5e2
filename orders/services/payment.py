"""What payments tell an order."""

from dataclasses import dataclass
from decimal import Decimal

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from orders.events import PaymentRecorded
from orders.models import Order
from orders.services.advance import advance
from orders.services.read import lock_order
from orders.states import PaymentStatus


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums over all payments of one order, in its currency.

    `given_back`: see `orders.states.Paid`. `failed`: the last attempt was declined.
    """

    authorized: Decimal
    captured: Decimal
    refunded: Decimal
    given_back: Decimal = Decimal(0)
    failed: bool = False


@verb
def record_payment_totals(*, order_id: int, totals: Totals, by: Actor) -> Order:
    """Take over what has been authorised, captured and refunded; settles the order when that covers what is due.

    Money is recorded whatever the order's state: a rule never makes money disappear.
    """
    order = lock_order(order_id)
    order.authorized_total = totals.authorized
    order.captured_total = totals.captured
    order.refunded_total = totals.refunded
    order.given_back_total = totals.given_back
    order.payment_status = PaymentStatus.FAILED if totals.failed else PaymentStatus.UNPAID  # read by `money()`
    was_paid = order.paid_at is not None
    advance(order, list(order.lines.all()), verb="payment", by=by)
    if was_paid or order.paid_at is None:
        publish(PaymentRecorded(order_id=order.pk, version=order.version), by=by)
    return order
