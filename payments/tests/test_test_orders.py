"""Nobody pays for a test order, whichever way they try."""

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import PartnerFactory, partner_client
from audit.doctor import check
from orders.models import Order
from orders.tests.factories import ADDRESS, buyable, place
from orders.tests.http import get, post, staff
from payments.gateways.registry import gateway_of
from payments.gift_cards.tests.factories import card_of, fresh_card
from payments.invariants import INVARIANTS
from payments.models import Operation, Payment
from payments.tests.factories import paid_by_hand
from payments.tests.stripe_shop import with_stripe

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _stripe(settings: Any) -> Iterator[None]:
    with_stripe(settings)
    yield
    gateway_of.cache_clear()


@pytest.fixture
def sandbox() -> APIClient:
    return partner_client(sandbox=True)


@pytest.fixture
def number(sandbox: APIClient) -> str:
    buyable()
    body = {"lines": [{"sku": "MUG", "quantity": 1}], "email": "ada@example.com", "shipping_address": ADDRESS}
    return str(post(sandbox, "orders", body).json()["number"])


def test_every_way_to_pay_is_refused(sandbox: APIClient, number: str) -> None:
    card, code = card_of("50.00")
    ways: tuple[tuple[APIClient, dict[str, str]], ...] = (
        (sandbox, {"provider": "stripe"}),
        (sandbox, {"provider": "gift_card", "code": code}),
        (staff("customer_service"), {"provider": "manual"}),
        (staff("admin"), {"provider": "stripe"}),
    )
    for client, way in ways:
        answer = post(client, f"orders/{number}/payments", way)
        assert (answer.status_code, answer.json()["code"]) == (409, "test_order"), way
    assert not Payment.objects.exists()
    assert not Operation.objects.exists()
    assert fresh_card(card).balance == 50
    assert get(sandbox, f"orders/{number}").json()["captured_total"] == "0.00"


def test_the_doctor_finds_money_on_one() -> None:
    buyable()
    order = place()
    paid_by_hand(order)
    (rule,) = (rule for rule in INVARIANTS if rule.name == "payments.test")
    assert check(rule) is None
    # Only so that the rule sees what cannot be: a test order is a partner's.
    Order.objects.filter(pk=order.pk).update(partner=PartnerFactory(), test=True)
    found = check(rule)
    assert found is not None
    assert [row[0] for row in found.rows] == [order.number]
