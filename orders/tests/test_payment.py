from decimal import Decimal

import pytest
from django.utils import timezone

from audit.models import LogEntry
from inventory.models import Reservation
from orders.models import Order
from orders.services import Totals, record_payment_totals
from orders.tests.factories import TESTS, buyable, paid, pay, place

pytestmark = pytest.mark.django_db


def events(order: Order) -> list[str]:
    entries = LogEntry.objects.filter(aggregate="order", aggregate_id=order.pk)
    return list(entries.order_by("sequence").values_list("name", flat=True))


def test_paid_in_full_keeps_the_stock_for_good() -> None:
    buyable()
    order = pay(place())
    assert (order.status, order.payment_status, order.expires_at) == ("paid", "paid", None)
    assert order.paid_at is not None
    assert order.paid_at <= timezone.now()
    held = Reservation.objects.get()
    assert (held.state, held.expires_at) == ("committed", None)
    assert events(order) == ["OrderPlaced", "OrderPaid"]


def test_part_of_the_money_leaves_it_pending() -> None:
    buyable("MUG", price="10.00")
    order = pay(place(), Decimal("5.00"))
    assert (order.status, order.payment_status, order.version) == ("pending", "partially_paid", 2)
    assert order.expires_at is not None
    assert Reservation.objects.get().state == "held"
    assert events(order) == ["OrderPlaced", "PaymentRecorded"]


def test_a_declined_attempt_leaves_it_payable() -> None:
    buyable()
    order = place()
    failed = Totals(authorized=Decimal(0), captured=Decimal(0), refunded=Decimal(0), failed=True)
    order = record_payment_totals(order_id=order.pk, totals=failed, by=TESTS)
    assert (order.status, order.payment_status) == ("pending", "failed")
    assert pay(order).status == "paid"


def test_a_refund_moves_only_the_payment_status() -> None:
    buyable("MUG", price="10.00")
    order = paid()
    refund = Totals(authorized=Decimal(17), captured=Decimal(17), refunded=Decimal(7))
    order = record_payment_totals(order_id=order.pk, totals=refund, by=TESTS)
    assert (order.status, order.payment_status) == ("paid", "partially_refunded")
    whole = Totals(authorized=Decimal(17), captured=Decimal(17), refunded=Decimal(17))
    order = record_payment_totals(order_id=order.pk, totals=whole, by=TESTS)
    assert (order.status, order.payment_status) == ("paid", "refunded")
    assert events(order) == ["OrderPlaced", "OrderPaid", "PaymentRecorded", "PaymentRecorded"]
