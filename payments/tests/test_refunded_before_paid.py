"""Part payments that went back before the order was paid."""

from decimal import Decimal

import pytest

from inventory.tests.checks import refused
from orders.services import cancel_order
from orders.tests.factories import TESTS, buyable, fresh, place
from payments.errors import PaymentMismatch
from payments.models import Refund
from payments.services import Wanted, record_manual_payment, refund_cancelled_units, refund_payment
from payments.tests.factories import broken_promises, paid_by_hand

pytestmark = pytest.mark.django_db
TEN = Wanted(amount=Decimal(10))


def test_have_to_be_paid_again() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 1))  # 17.00
    first = paid_by_hand(order, "10.00")
    refund_payment(payment_id=first.pk, wanted=TEN, reason="wrong card", by=TESTS)
    paid_by_hand(order, "7.00")
    assert fresh(order).status == "pending"
    with refused(PaymentMismatch):
        record_manual_payment(order_id=order.pk, amount=Decimal("10.01"), by=TESTS)
    paid_by_hand(order)
    after = fresh(order)
    assert (after.status, after.captured_total, after.refunded_total) == ("paid", 27, 10)
    assert refund_cancelled_units(order_id=order.pk, by=TESTS) == []
    assert broken_promises() == []


def test_are_not_given_back_twice_when_the_order_is_cancelled() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 1))
    first = paid_by_hand(order, "12.00")
    refund_payment(payment_id=first.pk, wanted=TEN, reason="wrong card", by=TESTS)
    cancel_order(order_id=order.pk, reason="mistake", by=TESTS)
    refund_cancelled_units(order_id=order.pk, by=TESTS)
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [2, 10]
    assert broken_promises() == []


def test_a_gift_after_payment_leaves_the_order_paid() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 1))
    payment = paid_by_hand(order)
    refund_payment(payment_id=payment.pk, wanted=TEN, reason="Goodwill", by=TESTS)
    assert fresh(order).money().outstanding == 0
    cancel_order(order_id=order.pk, reason="mistake", by=TESTS)
    refund_cancelled_units(order_id=order.pk, by=TESTS)
    assert fresh(order).refunded_total == 17
    assert broken_promises() == []
