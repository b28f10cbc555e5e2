"""Waiting longer for the money of an order, and asking for it again."""

from datetime import datetime

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.services import extend_reservations
from orders.actions import refusal
from orders.events import ReservationExtended
from orders.models import Order
from orders.services.advance import advance
from orders.services.read import lock_order
from orders.states import Status


@verb
def extend_reservation(*, order_id: int, until: datetime, by: Actor) -> Order:
    """Keep the stock of an unpaid order for longer. Raises `NotAllowedNow` when it is not pending or not longer."""
    order = _lock_pending(order_id)
    if order.expires_at is not None and order.expires_at >= until:
        raise refusal(order, "Its stock is kept as long already.", field="until")
    order.expires_at = until
    extend_reservations(order_id=order.pk, until=until)
    advance(order, list(order.lines.all()), verb="extend", by=by)
    publish(ReservationExtended(order_id=order.pk, version=order.version), by=by)
    return order


@verb
def record_reminder(*, order_id: int, detail: str, by: Actor) -> Order:
    """Write into the order's story that its customer is asked for the money again; `detail` says which time.

    A version of its own makes each reminder one change, of which one e-mail is sent. Raises `NotAllowedNow` when
    the order is not pending.
    """
    order = _lock_pending(order_id)
    return advance(order, list(order.lines.all()), verb="remind", by=by, reason=detail)


def _lock_pending(order_id: int) -> Order:
    order = lock_order(order_id)
    if order.status != Status.PENDING:
        raise refusal(order, "The order does not wait for money.")
    return order
