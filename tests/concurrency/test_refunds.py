"""Fifty refunds of one payment at once never give back more than was captured."""

from decimal import Decimal
from uuid import UUID

import pytest

from api.actors import Actor
from audit.models import LogEntry
from audit.verbs import verb
from orders.events import OrderCancelled
from orders.services import cancel_order
from orders.tests.factories import TESTS, fresh
from payments.handlers import refund_cancelled
from payments.models import Payment, Refund
from payments.services import Wanted, refund_payment
from payments.states import RefundCause
from payments.tests.factories import broken_promises, paid_order
from tests.concurrency.racing import at_once, outcomes

pytestmark = pytest.mark.django_db(transaction=True)
EUROS = 65  # what `paid_order` costs


def ten_euros(payment: Payment) -> None:
    refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(10)), reason="race", by=TESTS)


@verb
def without_the_lock(*, payment_id: UUID, by: Actor) -> None:
    """The same refund as it must not be written: look, then write."""
    payment = Payment.objects.get(pk=payment_id)
    if payment.refundable >= 10:
        Refund.objects.create(
            payment=payment,
            provider=payment.provider,
            amount=Decimal(10),
            cause=RefundCause.REQUESTED,
            reason="race",
            created_by=str(by),
        )
        Payment.objects.filter(pk=payment_id).update(refunding=payment.refunding + 10)


def test_no_more_goes_back_than_was_captured() -> None:
    order, payment = paid_order()
    results = at_once([lambda: ten_euros(payment)] * 50, threads=25)
    assert outcomes(results) == {"done": 6, "amount_exceeds_captured": 44}
    payment.refresh_from_db()
    assert (payment.captured, payment.refunded, payment.refundable) == (EUROS, 60, 5)
    assert Refund.objects.count() == 6
    assert LogEntry.objects.filter(name="RefundSucceeded").count() == 6
    assert (fresh(order).refunded_total, fresh(order).version) == (60, order.version + 6)
    assert broken_promises() == []


def test_control_without_the_lock_too_much_is_promised() -> None:
    _, payment = paid_order()
    at_once([lambda: without_the_lock(payment_id=payment.pk, by=TESTS)] * 50, threads=25)
    promised = sum(Refund.objects.values_list("amount", flat=True))
    assert promised > EUROS
    assert "payments.refunds" in broken_promises()


def test_a_cancellation_told_twenty_times_at_once_is_refunded_once() -> None:
    order, _ = paid_order()
    cancelled = cancel_order(order_id=order.pk, reason="mistake", by=TESTS)
    event = OrderCancelled(order_id=order.pk, version=cancelled.version)
    results = at_once([lambda: refund_cancelled(event)] * 20)
    assert outcomes(results) == {"done": 20}
    assert list(Refund.objects.values_list("amount", flat=True)) == [EUROS]
    assert broken_promises() == []


def test_staff_and_the_cancellation_together_give_back_no_more_than_was_paid() -> None:
    order, payment = paid_order()
    cancelled = cancel_order(order_id=order.pk, reason="mistake", by=TESTS)
    event = OrderCancelled(order_id=order.pk, version=cancelled.version)
    works = [lambda: ten_euros(payment), lambda: refund_cancelled(event)] * 15
    counted = outcomes(at_once(works))
    assert set(counted) <= {"done", "amount_exceeds_captured"}
    payment.refresh_from_db()
    assert (payment.refunded, payment.refundable) == (EUROS, 0)
    assert sum(Refund.objects.values_list("amount", flat=True)) == EUROS
    assert broken_promises() == []
