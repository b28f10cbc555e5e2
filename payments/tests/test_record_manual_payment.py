from decimal import Decimal

import pytest
from django.utils import timezone

from audit.models import LogEntry
from inventory.tests.checks import refused
from kernel.errors import Invalid, NotAllowedNow, NotFound, Refused
from orders.services import cancel_order
from orders.tests.factories import TESTS, buyable, fresh, place
from payments.errors import PaymentMismatch
from payments.models import Payment
from payments.services import record_manual_payment
from payments.tests.factories import broken_promises, paid_by_hand

pytestmark = pytest.mark.django_db


def test_pays_what_is_due_when_no_amount_is_given() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 3))
    payment = record_manual_payment(order_id=order.pk, note="Cash", by=TESTS)
    assert (payment.provider, payment.status, payment.currency, payment.note) == ("manual", "captured", "EUR", "Cash")
    assert (payment.amount, payment.authorized, payment.captured, payment.refunded) == (41, 41, 41, 0)
    assert payment.created_by == "system:tests"
    order = fresh(order)
    assert (order.status, order.payment_status, order.captured_total, order.authorized_total) == (
        "paid",
        "paid",
        41,
        41,
    )
    assert broken_promises() == []


def test_tells_the_log_in_the_same_transaction() -> None:
    buyable()
    order = place()
    payment = paid_by_hand(order)
    names = list(LogEntry.objects.filter(aggregate="order").order_by("sequence").values_list("name", flat=True))
    assert names == ["OrderPlaced", "OrderPaid", "PaymentCaptured"]
    captured = LogEntry.objects.get(name="PaymentCaptured")
    assert captured.payload == {"order_id": order.pk, "version": 2, "payment_id": str(payment.pk)}


def test_parts_add_up_until_the_order_is_paid() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 3))
    paid_by_hand(order, "40.99")
    assert (fresh(order).status, fresh(order).payment_status) == ("pending", "partially_paid")
    last = paid_by_hand(order)
    assert last.amount == Decimal("0.01")
    assert (fresh(order).status, fresh(order).captured_total) == ("paid", 41)


def test_the_history_says_who_recorded_it() -> None:
    buyable()
    row = paid_by_hand(place()).history.get()
    assert (row.history_type, row.actor, row.captured) == ("+", "system:tests", 17)


@pytest.mark.parametrize(
    ("amount", "kind"),
    [
        ("17.01", PaymentMismatch),
        ("0", Invalid),
        ("-1", Invalid),
        ("1.001", Invalid),
        ("999999999999", PaymentMismatch),
    ],
)
def test_a_wrong_amount_is_refused_and_nothing_happens(amount: str, kind: type[Refused]) -> None:
    buyable()
    order = place()
    with refused(kind) as refusal:
        paid_by_hand(order, amount)
    assert refusal.value.problems[0].field == "amount"
    assert not Payment.objects.exists()
    assert (fresh(order).version, fresh(order).captured_total) == (1, 0)


def test_money_for_a_paid_or_a_cancelled_order_is_refused() -> None:
    buyable()
    paid, cancelled = place(), place()
    paid_by_hand(paid)
    cancel_order(order_id=cancelled.pk, reason="mistake", by=TESTS)
    for order in (paid, cancelled):
        with refused(NotAllowedNow) as refusal:
            paid_by_hand(order, "1.00")
        assert "pay" not in refusal.value.extra["available_actions"]
    assert Payment.objects.count() == 1


def test_an_order_that_is_late_and_not_yet_expired_can_be_paid() -> None:
    buyable()
    order = place()
    type(order).objects.filter(pk=order.pk).update(expires_at=timezone.now())
    paid_by_hand(order)
    assert fresh(order).status == "paid"


def test_an_unknown_order_is_not_found() -> None:
    with refused(NotFound):
        record_manual_payment(order_id=0, by=TESTS)
