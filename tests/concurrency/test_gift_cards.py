"""A gift card of 50.00 under a hundred payments of 1.00 at once pays fifty; guesses at once stop at the limit."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client

from api.actors import Actor
from api.limits import count
from api.models import Attempts
from audit.verbs import verb
from orders.models import Order
from orders.services.read import lock_order
from orders.tests.factories import TESTS, fresh, place
from payments.gift_cards import guesses
from payments.gift_cards.services import (
    code_of,
    expire_due_cards,
    freeze_gift_card,
    issue_bought_gift_cards,
    spend_gift_card,
)
from payments.gift_cards.tests.factories import card_of, entries, fresh_card, gift_card_product, order_of
from payments.models import GiftCard, GiftCardEntry, Payment
from payments.services import refund_payment
from payments.services.refund import Wanted
from payments.tests.factories import broken_promises, paid_by_hand
from tests.concurrency.racing import at_once, outcomes

pytestmark = pytest.mark.django_db(transaction=True)
ONE = Decimal(1)


def hundred_orders() -> list[Order]:
    return [order_of() for _ in range(100)]


@verb
def without_the_condition(*, order_id: int, code: str, by: Actor) -> None:
    """The same payment as it must not be written: look, then write what was seen less one."""
    order = lock_order(order_id)
    card = GiftCard.objects.get(last4=code[-4:])
    if card.balance < ONE:
        return
    payment = Payment.objects.create(
        order=order, provider="gift_card", status="captured", amount=ONE, currency=order.currency, authorized=ONE,
        captured=ONE, gift_card=card, created_by=str(by),
    )  # fmt: skip
    GiftCardEntry.objects.create(card=card, kind="spent", amount=-ONE, payment=payment, actor=str(by))
    GiftCard.objects.filter(pk=card.pk).update(balance=card.balance - ONE)


def test_fifty_of_a_hundred_payments_are_made_and_nothing_is_overdrawn() -> None:
    orders, (card, code) = hundred_orders(), card_of("50.00")
    works = [lambda pk=order.pk: spend_gift_card(order_id=pk, code=code, amount=ONE, by=TESTS) for order in orders]
    assert outcomes(at_once(works, threads=25)) == {"done": 50, "gift_card_insufficient": 50}
    assert fresh_card(card).balance == 0
    assert entries(card) == [("issued", 50), *[("spent", -1)] * 50]
    assert (Payment.objects.count(), sum(fresh(order).captured_total for order in orders)) == (50, 50)
    assert broken_promises() == []


def test_control_without_the_condition_the_card_pays_more_than_it_holds() -> None:
    orders, (_, code) = hundred_orders(), card_of("50.00")
    works = [lambda pk=order.pk: without_the_condition(order_id=pk, code=code, by=TESTS) for order in orders]
    at_once(works, threads=25)
    assert Payment.objects.count() > 50
    assert "payments.gift_card_balance" in broken_promises()


def test_what_is_left_is_paid_once_when_all_of_it_is_asked_for() -> None:
    orders, (card, code) = [order_of() for _ in range(20)], card_of("50.00")
    works = [lambda pk=order.pk: spend_gift_card(order_id=pk, code=code, by=TESTS) for order in orders]
    counted = outcomes(at_once(works))
    assert counted["done"] >= 2
    assert set(counted) <= {"done", "gift_card_insufficient"}
    spent = sum(-amount for kind, amount in entries(card) if kind == "spent")
    assert fresh_card(card).balance == 50 - spent >= 0
    assert broken_promises() == []


def test_payments_refunds_a_freeze_and_an_end_at_once_keep_the_ledger() -> None:
    orders, (card, code) = [order_of() for _ in range(40)], card_of("200.00")
    first = spend_gift_card(order_id=order_of().pk, code=code, by=TESTS)
    works = [lambda pk=order.pk: spend_gift_card(order_id=pk, code=code, amount=ONE, by=TESTS) for order in orders]
    works += [lambda: refund_payment(payment_id=first.pk, wanted=Wanted(amount=ONE), reason="x", by=TESTS)] * 10
    works.insert(25, lambda: freeze_gift_card(card_id=card.pk, reason="Stolen", by=TESTS))
    works += [expire_due_cards] * 5
    counted = outcomes(at_once(works))
    assert set(counted) <= {"done", "gift_card_not_usable"}
    assert fresh_card(card).frozen_at is not None
    assert [kind for kind, _ in entries(card)].count("refunded") == 10
    assert broken_promises() == []


def test_what_was_bought_is_issued_once_however_often_it_is_told() -> None:
    gift_card_product("GIFT-25", "25.00")
    order = place(("GIFT-25", 3))
    paid_by_hand(order)
    results = at_once([lambda: issue_bought_gift_cards(order_id=order.pk, by=TESTS)] * 20)
    assert outcomes(results) == {"done": 20}
    assert (GiftCard.objects.count(), len({code_of(card) for card in GiftCard.objects.all()})) == (3, 3)
    assert broken_promises() == []


def guess() -> int:
    return Client(raise_request_exception=False).post(
        "/api/v1/gift-cards/balance", {"code": "A0B1-C2D3-E4F5-G6H7"}, content_type="application/json"
    ).status_code  # fmt: skip


def test_two_hundred_guesses_at_once_stop_at_the_limit(settings) -> None:
    settings.GIFT_CARD_GUESSES_PER_HOUR = 20
    statuses = at_once([guess] * 200, threads=25)
    assert {status: statuses.count(status) for status in set(statuses)} == {404: 20, 429: 180}
    assert Attempts.objects.get().count == 200


def test_control_counting_by_looking_first_lets_more_through() -> None:
    """The same count as it must not be written: read, compare, write."""

    def look_then_write() -> bool:
        row = Attempts.objects.filter(key="k").first()
        seen = row.count if row else 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.002)")
        Attempts.objects.update_or_create(key="k", defaults={"count": seen + 1, "ends_at": "2100-01-01T00:00Z"})
        return seen < 20

    assert at_once([look_then_write] * 200, threads=25).count(True) > 20


def test_each_count_is_seen_by_the_next() -> None:
    works = [lambda: count("thing", "who", limit=30, window=guesses.WINDOW)] * 100
    assert outcomes(at_once(works, threads=25)) == {"done": 30, "rate_limited": 70}
