"""Many record money for one order at once: it is paid once."""

from decimal import Decimal

import pytest

from orders.models import Order
from orders.tests.factories import TESTS, buyable, fresh, place
from payments.models import Payment, Refund
from payments.services import Wanted, record_manual_payment, refund_payment
from payments.tests.factories import broken_promises
from tests.concurrency.racing import at_once, outcomes

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_order_is_paid_in_full_once() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 3))
    results = at_once([lambda: record_manual_payment(order_id=order.pk, by=TESTS)] * 30)
    assert outcomes(results) == {"done": 1, "not_allowed_now": 29}
    assert (Payment.objects.count(), fresh(order).captured_total) == (1, 41)
    assert broken_promises() == []


def given_back_before_it_was_paid(order: Order) -> Decimal:
    back = Refund.objects.filter(payment__order=order)
    early = back if order.paid_at is None else back.filter(created_at__lt=order.paid_at)
    return sum(early.values_list("amount", flat=True), Decimal(0))


def test_parts_paid_and_given_back_at_once_add_up() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 3))
    first = record_manual_payment(order_id=order.pk, amount=Decimal(11), by=TESTS)

    def pay() -> None:
        record_manual_payment(order_id=order.pk, amount=Decimal(3), by=TESTS)

    def give_back() -> None:
        refund_payment(payment_id=first.pk, wanted=Wanted(amount=Decimal(1)), reason="race", by=TESTS)

    counted = outcomes(at_once([pay, give_back] * 15))
    assert set(counted) <= {"done", "amount_exceeds_captured", "not_allowed_now", "payment_mismatch"}
    after = fresh(order)
    # The first payment gives back eleven times, whoever comes between.
    assert (counted["amount_exceeds_captured"], after.refunded_total) == (4, 11)
    assert after.captured_total == 11 + 3 * (counted["done"] - 11)
    # What went back before the order was paid had to be paid again, and nothing more.
    paid_for_good = after.captured_total - given_back_before_it_was_paid(after)
    assert paid_for_good == 41 if after.status == "paid" else paid_for_good < 41
    assert broken_promises() == []
