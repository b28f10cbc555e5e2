"""Requests for tests."""

from typing import Any

from accounts.models import User
from api.actors import Actor
from catalog.models import Product, StockRequest
from catalog.stock_requests.services import Asker, ask_to_be_told
from catalog.tests.checks import Client
from catalog.tests.factories import ProductFactory
from inventory.tests.factories import stock

TESTS = Actor.system("tests")
ADA = "ada@example.com"


def sold_out(sku: str = "MUG", **fields: Any) -> Product:
    """A published product of which nothing is there."""
    return ProductFactory(sku=sku, name=sku.title(), **fields)


def wish(sku: str = "MUG", *, user: User | None = None, email: str = ADA, language: str = "en") -> StockRequest:
    """Somebody asks to be told: a guest unless a person is given."""
    asker = Asker(user_id=user.pk) if user else Asker(email=email)
    return ask_to_be_told(sku=sku, asker=asker, language=language, by=TESTS)


def refill(sku: str = "MUG", quantity: int = 1) -> None:
    stock(sku, quantity)


def states() -> list[str]:
    """Of all requests, oldest first."""
    return list(StockRequest.objects.order_by("pk").values_list("state", flat=True))


def post(caller: Client, path: str, body: Any, **headers: str) -> Any:
    return caller.post(f"/api/v1/{path}", body, headers=headers)


def get(caller: Client, path: str) -> Any:
    return caller.get(f"/api/v1/{path}")


def delete(caller: Client, path: str) -> Any:
    return caller.delete(f"/api/v1/{path}")
