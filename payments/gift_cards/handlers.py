"""What gift cards do when something happened to the order that bought them."""

from api.actors import Actor
from audit.verbs import verb
from orders.events import OrderCancelled, OrderEdited, OrderExpired, OrderLinesCancelled, OrderPaid
from payments.events import DisputeOpened, PaymentCaptured
from payments.gift_cards.services import (
    freeze_cancelled_gift_cards,
    freeze_cards_bought_with,
    issue_bought_gift_cards,
)

DISPUTED = "The payment that bought it is disputed."


def issue_gift_cards(event: OrderPaid | PaymentCaptured) -> None:
    """Make the cards that were bought, as soon as all of the money is here."""
    issue_bought_gift_cards(order_id=event.order_id, by=Actor.system("issue_gift_cards"))


def freeze_cancelled(event: OrderCancelled | OrderExpired | OrderLinesCancelled | OrderEdited) -> None:
    """Keep back what goes back to the buyer."""
    freeze_cancelled_gift_cards(order_id=event.order_id, by=Actor.system("freeze_cancelled_gift_cards"))


def freeze_disputed(event: DisputeOpened) -> None:
    """Keep back what the bank may take back. Whoever settles the dispute releases them."""
    _freeze_disputed(order_id=event.order_id, by=Actor.system("freeze_disputed_gift_cards"))


@verb
def _freeze_disputed(*, order_id: int, by: Actor) -> None:
    freeze_cards_bought_with(order_id, DISPUTED)
