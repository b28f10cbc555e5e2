"""A card number posted into a free field is refused wherever there is one, and nothing is kept of it."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from orders.models import Order, OrderNote
from orders.tests.factories import ADDRESS, buyable, delivered, paid, place

pytestmark = pytest.mark.django_db
CARD = "-".join(["4242"] * 4)  # a test number of the schemes


def staff() -> APIClient:
    client = APIClient()
    client.force_authenticate(UserFactory(role="admin"))
    return client


def codes(response: Any) -> set[str]:
    assert response.status_code == 400, response.content
    return {found["code"] for found in response.json()["errors"]}


def posted(address: str, body: dict[str, Any]) -> Any:
    return staff().post(f"/api/v1/{address}", body, HTTP_IDEMPOTENCY_KEY="a" * 20)


def test_in_the_fields_of_an_order() -> None:
    buyable("MUG")
    lines = [{"sku": "MUG", "quantity": 1}]
    orders = Order.objects.count()
    for address in ({"line2": CARD}, {"first_name": CARD}, {"company": f"Card: {CARD}"}, {"phone": CARD}):
        body = {"email": "ada@example.com", "lines": lines, "shipping_address": ADDRESS | address}
        assert codes(posted("orders", body)) == {"card_number"}
    body = {"email": "ada@example.com", "lines": lines, "shipping_address": ADDRESS, "reference": CARD}
    assert codes(posted("orders", body)) == {"card_number"}
    assert Order.objects.count() == orders


def test_in_reasons_and_notes() -> None:
    buyable("MUG", quantity=50)
    order, done = paid(("MUG", 1)), delivered(("MUG", 1))
    assert codes(posted(f"orders/{order.number}/cancel", {"reason": CARD})) == {"card_number"}
    assert codes(posted(f"orders/{order.number}/holds", {"kind": "fraud", "note": CARD})) == {"card_number"}
    line = done.lines.get().pk
    wishes = {"lines": [{"line": line, "quantity": 1, "reason": "other"}], "note": CARD}
    assert codes(posted(f"orders/{done.number}/returns", wishes)) == {"card_number"}
    unpaid = place(("MUG", 1))
    for field in ("note", "code", "return_url"):
        body = {"provider": "manual", field: CARD}
        assert codes(posted(f"orders/{unpaid.number}/payments", body)) == {"card_number"}


def test_a_tracking_number_may_be_as_long_as_it_likes() -> None:
    buyable("MUG")
    order = paid(("MUG", 1))
    package = posted(f"orders/{order.number}/shipments", {}).json()["number"]
    body = {"carrier": "DHL", "tracking_number": CARD.replace("-", "")}
    assert posted(f"shipments/{package}/ship", body).status_code == 200


def test_in_the_back_office() -> None:
    buyable("MUG")
    order = paid(("MUG", 1))
    desk = Client()
    desk.force_login(UserFactory(role="admin"))
    for verb, field in (("note", "text"), ("hold", "note"), ("cancel", "reason")):
        page = desk.post(f"/admin/orders/order/{order.pk}/do/{verb}/", {field: CARD, "kind": "fraud", "intent": "do"})
        assert "payment card" in page.content.decode(), verb
    assert not OrderNote.objects.exists()
    assert Order.objects.get(pk=order.pk).status == "paid"
