"""What payments do when something happened elsewhere."""

from api.actors import Actor
from orders.events import OrderCancelled, OrderExpired, OrderLinesCancelled
from payments.services import refund_cancelled_units


def refund_cancelled(event: OrderCancelled | OrderExpired) -> None:
    """Give back what was paid for an order that nobody wants any more."""
    refund_cancelled_units(order_id=event.order_id, by=Actor.system("refund_cancelled"))


def refund_cancelled_lines(event: OrderLinesCancelled) -> None:
    """Give back what was paid for the units that are no longer wanted."""
    refund_cancelled_units(order_id=event.order_id, by=Actor.system("refund_cancelled_lines"))
