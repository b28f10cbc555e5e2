"""Who may watch an order, and what they see. Synchronous: sockets call it in a thread."""

from dataclasses import dataclass, field
from typing import Any

from rest_framework.exceptions import AuthenticationFailed

from accounts.authentication import user_for
from api.tokens import token_opens
from orders.models import Order, Shipment


class NotLetIn(Exception):
    """The token opens nothing, or no longer."""


class NoSuchOrder(Exception):
    """There is no such order, or it is somebody else's."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A right to watch one order: by the order's own token, or as a person while their access token lasts."""

    order_id: int
    number: str
    token: str = field(repr=False)

    def check(self) -> None:
        """Raises `NotLetIn` or `NoSuchOrder` when the right is gone."""
        open_watch(self.number, self.token)


def open_watch(number: str, token: str) -> Watch:
    """The right to watch the order that the token gives. Raises `NotLetIn` and `NoSuchOrder`."""
    orders = Order.objects.filter(number=number)
    if not token_opens(token, "order", number):
        try:
            orders = orders.visible_to(user_for(token))
        except AuthenticationFailed as error:
            raise NotLetIn from error
    order_id = orders.values_list("pk", flat=True).first()
    if order_id is None:
        raise NoSuchOrder
    return Watch(order_id, number, token)


def snapshot(order_id: int) -> dict[str, Any]:
    """The order as a socket shows it: its version, where it stands, its packages."""
    order = Order.objects.values(
        "number", "version", "status", "payment_status", "fulfillment_status", "return_status"
    ).get(pk=order_id)
    shipments = Shipment.objects.filter(order_id=order_id).order_by("pk")
    return order | {
        "shipments": list(shipments.values("number", "status", "carrier", "tracking_number", "carrier_status"))
    }
