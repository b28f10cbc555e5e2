"""What orders do when something happened to them."""

from api.actors import Actor
from orders.events import OrderCancelled, OrderEdited, OrderExpired, OrderLinesCancelled, OrderPaid
from orders.tax.booking import commit_when_paid, take_back_cancelled


def commit_tax(event: OrderPaid) -> None:
    """Have the tax provider book the order, where one has calculated its taxes."""
    commit_when_paid(order_id=event.order_id, by=Actor.system("commit_tax"))


def void_tax(event: OrderCancelled | OrderExpired | OrderLinesCancelled | OrderEdited) -> None:
    """Have the tax provider take back what is no longer wanted and was never paid for."""
    take_back_cancelled(order_id=event.order_id, by=Actor.system("void_tax"))
