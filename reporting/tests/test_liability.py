from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from orders.tests.factories import TESTS
from payments.gift_cards.services import adjust_gift_card, expire_due_cards, freeze_gift_card, spend_gift_card
from payments.gift_cards.tests.factories import card_of, order_of, past_its_time
from payments.services import refund_payment
from payments.services.refund import Wanted

pytestmark = pytest.mark.django_db
URL = "/api/v1/reports/gift-card-liability"


def client(role: str = "admin") -> APIClient:
    made = APIClient()
    made.force_authenticate(UserFactory(role=role))
    return made


def rows(**query: str) -> list[dict[str, Any]]:
    response = client().get(URL, query)
    assert response.status_code == 200, response.content
    return response.json()["rows"]


def trade() -> None:
    """A card spent and refunded in part, one that ended, one that is frozen, one that is late, one in yen."""
    payment = spend_gift_card(order_id=order_of().pk, code=card_of("50.00")[1], by=TESTS)
    refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(4)), reason="x", by=TESTS)
    past_its_time(card_of("10.00")[0])
    expire_due_cards()
    frozen, late = card_of("7.00")[0], card_of("3.00")[0]
    adjust_gift_card(card_id=frozen.pk, amount=Decimal(-2), reason="x", by=TESTS)
    freeze_gift_card(card_id=frozen.pk, reason="x", by=TESTS)
    past_its_time(late)
    card_of("500", currency="JPY")


def test_what_is_owed_adds_up() -> None:
    trade()
    euros, yen = rows()
    assert euros == {
        "currency": "EUR", "cards": 3, "issued": "70.00", "adjusted": "-2.00", "refunded": "4.00", "spent": "29.00",
        "expired": "10.00", "outstanding": "33.00", "frozen": "5.00", "past": "3.00",
    }  # fmt: skip
    assert (yen["currency"], yen["outstanding"], yen["cards"]) == ("JPY", "500", 1)
    assert rows(currency="JPY") == [yen]
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(balance) FROM payments_giftcard WHERE currency = 'EUR'")
        assert cursor.fetchone()[0] == 33


def test_it_says_what_was_owed_then(settings) -> None:
    trade()
    now = timezone.now()
    assert rows(at=(now - timedelta(days=1)).isoformat()) == []
    assert rows(at=now.isoformat())[0]["outstanding"] == "33.00"
    card_of("1000.00")
    assert rows(at=now.isoformat())[0]["outstanding"] == "33.00"
    today = timezone.localdate(timezone=ZoneInfo(settings.SHOP_TIME_ZONE))
    assert rows(at=today.isoformat())[0]["outstanding"] == "1033.00"
    freeze_gift_card(card_id=card_of("1.00")[0].pk, reason="x", by=TESTS)
    assert rows(at=now.isoformat())[0]["frozen"] == "5.00"


def test_it_comes_as_csv() -> None:
    trade()
    answer = client().get(URL, {"format": "csv", "currency": "JPY"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode().splitlines() == [
        "currency,cards,issued,adjusted,refunded,spent,expired,outstanding,frozen,past",
        "JPY,1,500,0,0,0,0,500,0,0",
    ]


@pytest.mark.parametrize("query", [{"at": "soon"}, {"at": "2026-02-30"}, {"currency": "EUX"}, {"from": "2026-01-01"}])
def test_what_is_asked_wrongly_is_refused(query: dict[str, str]) -> None:
    assert client().get(URL, query).status_code == 400


@pytest.mark.parametrize("role", ["customer_service", "warehouse", "customer"])
def test_it_is_the_admins(role: str) -> None:
    assert client(role).get(URL).status_code == 403
