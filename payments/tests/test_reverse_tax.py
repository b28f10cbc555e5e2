"""A refund's tax goes back at the tax provider with it, whichever way the money went."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from audit.models import LogEntry
from orders.events import OrderCancelled, OrderPaid
from orders.handlers import commit_tax, void_tax
from orders.models import Order, TaxDocument, TaxReversal
from orders.services import cancel_order
from orders.tax.telling import tell_due
from orders.tests.factories import TESTS, fresh
from orders.tests.taxes import document_of, told, with_stripe_tax
from payments.events import RefundSucceeded
from payments.handlers import reverse_tax
from payments.models import Payment
from payments.services import Wanted, refund_cancelled_units, refund_payment, taxed_part
from payments.tests.factories import broken_promises, paid_order
from sandbox.testing import RunningSandbox, start_sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path_factory.mktemp("sandbox"), shop_url="") as found:
        yield found


@pytest.fixture
def booked(settings: Any, running: RunningSandbox) -> tuple[Order, Payment]:
    """65.00: paid by hand and booked at the provider under a number that its book has not seen."""
    with_stripe_tax(settings, running)
    order, payment = paid_order()
    number = f"{order.number}-{payment.pk.hex[:8]}"
    Order.objects.filter(pk=order.pk).update(number=number)
    document_of(order)
    commit_tax(OrderPaid(order_id=order.pk, version=order.version))
    tell_due()
    return fresh(order), payment


def hear() -> None:
    """All refunds there were, and the provider told of them."""
    for entry in LogEntry.objects.filter(name="RefundSucceeded").order_by("pk"):
        reverse_tax(RefundSucceeded.load(entry.payload))
    tell_due()


def taken_back(order: Order) -> Decimal:
    found: Decimal = TaxReversal.objects.filter(document__order=order).aggregate(sum=Sum("amount", default=Decimal(0)))[
        "sum"
    ]
    return found


def test_the_book_is_what_was_captured_less_what_went_back(booked: tuple[Order, Payment]) -> None:
    order, payment = booked
    first = refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal("7.50")), reason="late", by=TESTS)
    hear()
    second = refund_payment(payment_id=payment.pk, wanted=Wanted(shipping=True), reason="late", by=TESTS)
    hear()
    assert told(order)[1:] == [
        ("reverse", f"refund:{first.pk}", Decimal("7.50"), "done"),
        ("reverse", f"refund:{second.pk}", Decimal("5.00"), "done"),
    ]
    order = fresh(order)
    assert order.total - taken_back(order) == order.captured_total - order.refunded_total
    assert broken_promises() == []


def test_a_cancelled_order_is_taken_back_once(booked: tuple[Order, Payment]) -> None:
    order, _ = booked
    found = cancel_order(order_id=order.pk, reason="not wanted", by=TESTS)
    void_tax(OrderCancelled(order_id=order.pk, version=found.version))
    refund_cancelled_units(order_id=order.pk, by=TESTS)
    hear()
    hear()
    assert [row[0] for row in told(order)] == ["commit", "void"]
    assert (taken_back(order), TaxDocument.objects.get(order=order).state) == (order.total, "voided")
    assert broken_promises() == []


def test_without_a_calculation_nobody_is_told() -> None:
    order, payment = paid_order()
    refund_payment(payment_id=payment.pk, reason="late", by=TESTS)
    hear()
    assert told(order) == []


def test_what_goes_back_for_a_gift_card_was_not_taxed(booked: tuple[Order, Payment]) -> None:
    order, payment = booked
    line = order.lines.first()
    assert line is not None
    line.product.is_gift_card = True
    line.product.save(update_fields=["is_gift_card"])
    lines = {found.pk: 1 for found in order.lines.all()}
    refund = refund_payment(payment_id=payment.pk, wanted=Wanted(lines=lines), reason="back", by=TESTS)
    assert (refund.amount, taxed_part(refund.pk)) == (Decimal("24.00"), Decimal("12.00"))
