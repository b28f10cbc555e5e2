"""An order with discounts, tax and taxed shipping: all its parts together give back what was paid."""

import random
from decimal import Decimal

import pytest

from orders.codes.services import NewCode, create_campaign
from orders.models import Order, TaxRate, TaxZone
from orders.services import DirectOrder, Owner, place_direct_order
from orders.tests.factories import ADDRESS, TESTS, buyable
from payments.models import Payment, RefundLine
from payments.services import Wanted, record_manual_payment, refund_payment
from payments.tests.factories import broken_promises

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    zone = TaxZone.objects.create(code="de", name="Germany", countries=["DE"])
    TaxRate.objects.create(zone=zone, name="VAT 19 %", rate=Decimal("0.19"))
    five = {"name": "Five", "kind": "fixed", "amount": Decimal("5.01"), "currency": "EUR"}
    create_campaign(fields=five, codes=[NewCode("FIVE", None)], by=TESTS)
    for sku, price in (("MUG", "9.99"), ("TEA", "3.33"), ("CUP", "0.07")):
        buyable(sku, price=price)
    direct = DirectOrder(
        owner=Owner(email="guest@example.com"),
        lines=[("MUG", 3), ("TEA", 7), ("CUP", 5)],
        shipping_address=ADDRESS,
        discount_codes=["FIVE"],
    )
    placed = place_direct_order(direct=direct, by=TESTS)
    record_manual_payment(order_id=placed.pk, note="", by=TESTS)
    return Order.objects.get(pk=placed.pk)


@pytest.mark.parametrize("seed", range(5))
def test_unit_by_unit_in_any_order_and_the_shipping(order: Order, seed: int) -> None:
    payment = Payment.objects.get()
    units = [line.pk for line in order.lines.all() for _ in range(line.quantity)] + [None]
    random.Random(seed).shuffle(units)
    for line in units:
        wanted = Wanted(shipping=True) if line is None else Wanted(lines={line: 1})
        refund_payment(payment_id=payment.pk, wanted=wanted, reason="back", by=TESTS)
    payment.refresh_from_db()
    assert payment.refunded == payment.captured == order.total
    back = RefundLine.objects.get(line=None).amount
    assert back == order.shipping_charge.total == Decimal("5.95")
    assert broken_promises() == []
