"""Many record money for one order at once: it is paid once."""

from decimal import Decimal

import pytest

from orders.tests.factories import TESTS, buyable, fresh, place
from payments.models import Payment
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


def test_parts_paid_and_given_back_at_once_add_up() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 3))
    first = record_manual_payment(order_id=order.pk, amount=Decimal(11), by=TESTS)

    def pay() -> None:
        record_manual_payment(order_id=order.pk, amount=Decimal(3), by=TESTS)

    def give_back() -> None:
        refund_payment(payment_id=first.pk, wanted=Wanted(amount=Decimal(1)), reason="race", by=TESTS)

    counted = outcomes(at_once([pay, give_back] * 15))
    assert counted == {"done": 10 + 11, "not_allowed_now": 5, "amount_exceeds_captured": 4}
    assert (fresh(order).captured_total, fresh(order).refunded_total, fresh(order).status) == (41, 11, "paid")
    assert broken_promises() == []
