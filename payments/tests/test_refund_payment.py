from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from audit.models import LogEntry
from inventory.tests.checks import refused
from kernel.errors import Invalid, NotFound
from orders.tests.factories import TESTS, fresh
from payments.errors import AmountExceedsCaptured
from payments.models import Payment, Refund
from payments.services import Wanted, refund_payment
from payments.tests.factories import broken_promises, paid_order

pytestmark = pytest.mark.django_db


def test_gives_back_a_part_and_moves_only_the_payment_status() -> None:
    order, payment = paid_order()
    refund = refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal("5.00")), reason="scratched", by=TESTS)
    assert (refund.amount, refund.status, refund.cause, refund.reason) == (5, "succeeded", "requested", "scratched")
    assert refund.settled_at is not None
    payment.refresh_from_db()
    assert (payment.status, payment.captured, payment.refunded, payment.refundable) == ("captured", 65, 5, 60)
    after = fresh(order)
    assert (after.status, after.payment_status, after.refunded_total) == ("paid", "partially_refunded", 5)
    assert broken_promises() == []


def test_without_an_amount_gives_back_all_that_is_left() -> None:
    order, payment = paid_order()
    refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal("5.00")), reason="scratched", by=TESTS)
    refund = refund_payment(payment_id=payment.pk, reason="goodwill", by=TESTS)
    assert refund.amount == 60
    assert (fresh(order).payment_status, fresh(order).refunded_total) == ("refunded", 65)


def test_tells_the_log() -> None:
    order, payment = paid_order()
    refund = refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(1)), reason="goodwill", by=TESTS)
    entry = LogEntry.objects.filter(aggregate="order").first()
    assert entry.name == "RefundSucceeded"
    assert entry.payload == {
        "order_id": order.pk,
        "version": order.version + 1,
        "payment_id": str(payment.pk),
        "refund_id": refund.pk,
    }


@pytest.mark.parametrize("amount", ["65.01", "1000"])
def test_more_than_was_captured_is_refused(amount: str) -> None:
    order, payment = paid_order()
    with refused(AmountExceedsCaptured) as refusal:
        refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(amount)), reason="x", by=TESTS)
    assert (refusal.value.code, refusal.value.extra) == ("amount_exceeds_captured", {"refundable": "65.00"})
    assert not Refund.objects.exists()
    assert fresh(order).version == order.version


def test_nothing_is_left_after_all_went_back() -> None:
    _, payment = paid_order()
    refund_payment(payment_id=payment.pk, reason="goodwill", by=TESTS)
    with refused(AmountExceedsCaptured):
        refund_payment(payment_id=payment.pk, reason="again", by=TESTS)
    assert Refund.objects.count() == 1


@pytest.mark.parametrize("amount", ["0", "-1", "0.001"])
def test_an_amount_that_is_none_is_refused(amount: str) -> None:
    _, payment = paid_order()
    with refused(Invalid):
        refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(amount)), reason="x", by=TESTS)
    assert not Refund.objects.exists()


def test_an_unknown_payment_is_not_found() -> None:
    with refused(NotFound):
        refund_payment(payment_id=uuid4(), reason="x", by=TESTS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"refunded": 66},
        {"refunding": 66},
        {"refunded": 40, "refunding": 26},
        {"refunded": -1},
        {"captured": 66},
        {"amount": 64},
    ],
)
def test_the_table_itself_refuses_amounts_out_of_order(wrong: dict[str, int]) -> None:
    _, payment = paid_order()
    with pytest.raises(IntegrityError, match="payment_refunded_captured_authorized_in_order"), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(**wrong)
