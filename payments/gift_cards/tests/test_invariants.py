"""Each invariant finds the damage it is there for; the constraints and triggers that would refuse it are away."""

import pytest
from django.db import connection

from orders.tests.factories import TESTS, place
from payments.gift_cards.services import issue_bought_gift_cards, spend_gift_card
from payments.gift_cards.tests.factories import card_of, gift_card_product, order_of
from payments.services import refund_payment
from payments.tests.factories import broken_promises, paid_by_hand

pytestmark = pytest.mark.django_db
OFF = """
    ALTER TABLE payments_giftcard DROP CONSTRAINT gift_card_balance_not_negative;
    DROP INDEX gift_card_once_per_bought_unit;
    DROP INDEX gift_card_spent_once_per_payment;
    ALTER TABLE payments_giftcardentry DISABLE TRIGGER USER
"""
BALANCE, DEBITS, SIGNS = "gift_card_balance", "gift_card_debits", "gift_card_signs"
PAYMENTS, REFUNDS, BOUGHT = "gift_card_payments", "gift_card_refunds", "gift_cards_bought"


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE payments_giftcard SET balance = balance + 1", [BALANCE]),
        ("UPDATE payments_giftcard SET balance = -1 WHERE bought_with_id IS NULL", [BALANCE]),
        ("UPDATE payments_giftcard SET frozen_at = now() - interval '1 day'", [DEBITS]),
        ("UPDATE payments_giftcard SET expires_at = now() - interval '1 day'", [DEBITS]),
        ("UPDATE payments_giftcardentry SET kind = 'adjusted' WHERE kind = 'spent'", [PAYMENTS]),
        ("UPDATE payments_giftcardentry SET amount = amount - 1 WHERE kind = 'spent'", [BALANCE, PAYMENTS]),
        ("UPDATE payments_giftcardentry SET kind = 'spent' WHERE kind = 'refunded'", [SIGNS, PAYMENTS, REFUNDS]),
        ("UPDATE payments_giftcardentry SET amount = amount + 1 WHERE kind = 'refunded'", [BALANCE, REFUNDS]),
        ("UPDATE payments_giftcardentry SET kind = 'issued' WHERE kind = 'refunded'", [SIGNS, REFUNDS]),
        ("UPDATE payments_giftcard SET unit = 7 WHERE bought_with_id IS NOT NULL", [BOUGHT]),
        ("UPDATE payments_giftcard SET currency = 'USD' WHERE bought_with_id IS NOT NULL", [BOUGHT]),
    ],
)
def test_damage_is_found(damage: str, found: list[str]) -> None:
    payment = spend_gift_card(order_id=order_of().pk, code=card_of("50.00")[1], by=TESTS)
    refund_payment(payment_id=payment.pk, reason="Returned", by=TESTS)
    gift_card_product()
    order = place(("GIFT-25", 2))
    paid_by_hand(order)
    issue_bought_gift_cards(order_id=order.pk, by=TESTS)
    assert broken_promises() == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(OFF)
        cursor.execute(damage)
    broken = {name.removeprefix("payments.") for name in broken_promises()}
    assert broken == set(found)


def test_what_was_taken_while_it_was_frozen_is_found_even_when_it_was_released_since() -> None:
    card_of("50.00")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payments_giftcard SET frozen_at = now()")
        cursor.execute("UPDATE payments_giftcard SET balance = 20")
        cursor.execute("UPDATE payments_giftcard SET frozen_at = NULL")
    assert set(broken_promises()) == {"payments.gift_card_balance", "payments.gift_card_debits"}
