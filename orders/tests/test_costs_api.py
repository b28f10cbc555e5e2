"""What requests cost: every statement counted, those of authentication, keys and transactions too."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory, client_for, partner_client
from orders.models import Order
from orders.services import Wish, place_hold, request_return
from orders.tests.factories import ADDRESS, TESTS, buyable, delivered, place, shipped
from orders.tests.http import get, post, ready_cart, staff

PLACING, LISTING, READING = 20, 10, 10
PLACING_A_CART = 20
# A person's account is kept from being erased meanwhile.
KEPT_OPEN = 1


@pytest.fixture(autouse=True)
def _committed(transactional_db):
    """Requests begin and commit as they do outside of tests."""


def statements(captured: CaptureQueriesContext) -> list[str]:
    return [query["sql"].strip()[:100] for query in captured.captured_queries]


def placing(client: APIClient, body: Any, **headers: str) -> list[str]:
    """The statements of one POST of an order."""
    with CaptureQueriesContext(connection) as captured:
        answer = post(client, "orders", body, idempotency_key=uuid.uuid4().hex, **headers)
    assert answer.status_code == 201, answer.json()
    return statements(captured)


def goods(count: int) -> list[tuple[str, int]]:
    lines = [(f"SKU-{number}", 2) for number in range(count)]
    for sku, _ in lines:
        buyable(sku, quantity=100)
    return lines


def test_placing_a_customers_cart_costs_the_same_however_many_lines():
    lines = goods(20)
    client = client_for(UserFactory())
    short = placing(client, {"cart": ready_cart(client, lines[0])["id"]})
    long = placing(client, {"cart": ready_cart(client, *lines)["id"]})
    assert len(short) == len(long) <= PLACING_A_CART + KEPT_OPEN, long


def test_placing_a_guests_cart():
    cart = ready_cart(APIClient(), *goods(20))
    found = placing(APIClient(), {"cart": cart["id"]}, x_cart_token=cart["token"])
    assert len(found) <= PLACING_A_CART, found


def test_placing_in_one_call_costs_the_same_however_many_lines():
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in goods(20)]
    body = {"email": "ada@example.com", "shipping_address": ADDRESS, "billing_address": ADDRESS}
    partner = partner_client()
    get(partner, "orders")  # a token's use is noted once a minute
    short = placing(partner, body | {"lines": lines[:1], "reference": "A"})
    long = placing(partner, body | {"lines": lines, "reference": "B"})
    assert len(short) == len(long) <= PLACING, long


def busy_orders(count: int) -> None:
    """Orders with three lines, packages, returns and holds."""
    lines = goods(3)
    user = UserFactory()
    for _ in range(count - 2):
        order = delivered(*lines, user=user)
        request_return(order_id=order.pk, wishes=[Wish(line.pk, 1, "other") for line in order.lines.all()], by=TESTS)
    shipped(*lines, user=user)
    place_hold(order_id=place(*lines, user=user).pk, kind="address", by=TESTS)


def test_a_list_of_twenty_orders():
    busy_orders(20)
    customer = client_for(Order.objects.first().user)
    for client in (staff("admin"), customer):
        for query in ("", "&status=delivered,shipped,pending&q=example", "&ordering=-total"):
            with CaptureQueriesContext(connection) as captured:
                answer = get(client, f"orders?page_size=20{query}").json()
            assert len(answer["results"]) == 20
            assert sum(len(order["returns"]) for order in answer["results"]) == 18
            assert all(len(order["lines"]) == 3 for order in answer["results"])
            assert len(captured) <= LISTING, statements(captured)


def test_one_order_and_one_that_has_not_changed():
    busy_orders(3)
    order = Order.objects.get(return_status="requested")
    client = client_for(order.user)
    with CaptureQueriesContext(connection) as captured:
        answer = get(client, f"orders/{order.number}")
    assert len(answer.json()["shipments"]) == len(answer.json()["returns"]) == 1
    assert len(captured) <= READING, statements(captured)
    with CaptureQueriesContext(connection) as captured:
        assert get(client, f"orders/{order.number}", if_none_match=answer["ETag"]).status_code == 304
    assert len(captured) == 2, statements(captured)
