"""Staff at the pages of orders."""

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import UserFactory
from orders.models import Order


def staff(role: str = "admin") -> Client:
    """A browser in which somebody of this role has logged in."""
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def user_of(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


def list_url(**query: Any) -> str:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{reverse('admin:orders_order_changelist')}?{asked}"


def page_url(order: Order) -> str:
    return reverse("admin:orders_order_change", args=(order.pk,))


def ask_url(order: Order, action: str) -> str:
    return reverse("admin:orders_order_ask", args=(order.pk, action))


def look(client: Client, order: Order, action: str, **answers: Any) -> Any:
    """What the window shows after these answers."""
    return client.post(ask_url(order, action), {"intent": "look", **answers})


def do(client: Client, order: Order, action: str, **answers: Any) -> Any:
    """Look at what will happen, confirm it, and follow to the page. Verbs without a look are done at once."""
    seen = (look(client, order, action, **answers).context or {}).get("seen", "")
    return client.post(ask_url(order, action), {"intent": "do", "seen": seen, **answers}, follow=True)


def told(response: Any) -> list[str]:
    """The messages on the page."""
    return [str(message) for message in response.context["messages"]]
