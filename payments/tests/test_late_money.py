"""Money that comes when the order no longer waits for it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from inventory.models import StockLevel
from inventory.services import adjust_stock
from orders.models import Order
from orders.services import cancel_order, expire_order
from orders.tests.factories import TESTS, fresh
from payments.events import PaymentCaptured
from payments.gateways.registry import gateway_of
from payments.handlers import answer_money
from payments.models import Payment, Refund
from payments.services import perform_due
from payments.tests.factories import broken_promises
from payments.tests.shop_with_stripe import opened, ordered, settled
from payments.tests.stripe_orders import opened_payment
from payments.tests.stripe_shop import pay, with_stripe
from sandbox.testing import RunningSandbox, start_sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path_factory.mktemp("sandbox"), shop_url="") as running:
        yield running


@pytest.fixture(autouse=True)
def stripe(settings: Any, sandbox: RunningSandbox) -> Iterator[None]:
    with_stripe(settings, sandbox)
    yield
    gateway_of.cache_clear()


def expired(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    expire_order(order_id=order.pk, by=TESTS)


def told(payment: Payment) -> None:
    """What the relay does with the event that the money has published."""
    event = PaymentCaptured(order_id=payment.order_id, version=fresh(payment.order).version, payment_id=str(payment.pk))
    for _ in range(2):
        answer_money(event)


def late(sandbox: RunningSandbox, order: Order) -> Payment:
    """The customer has the page open, the order ends, and then they pay."""
    payment, snapshot = opened(order)
    expired(order)
    pay(sandbox, snapshot)
    return settled(payment.pk)


def test_takes_the_stock_again_and_revives_the_order(sandbox: RunningSandbox) -> None:
    order = ordered()
    told(late(sandbox, order))
    assert (fresh(order).status, fresh(order).payment_status) == ("paid", "paid")
    assert not Refund.objects.exists()
    assert broken_promises() == []


def test_goes_back_when_somebody_else_has_the_goods(sandbox: RunningSandbox) -> None:
    order = ordered()
    payment = late(sandbox, order)
    adjust_stock(
        sku="MUG", warehouse_code=StockLevel.objects.get().warehouse.code, on_hand=0, reason="damage", by=TESTS
    )
    told(payment)
    perform_due()
    after = settled(payment.pk)
    assert (fresh(order).status, after.refunded) == ("cancelled", order.total)
    assert broken_promises() == []


def test_goes_back_when_the_customer_had_cancelled(sandbox: RunningSandbox) -> None:
    order = ordered()
    payment, snapshot = opened(order)
    cancel_order(order_id=order.pk, reason="changed my mind", by=TESTS)
    pay(sandbox, snapshot)
    told(settled(payment.pk))
    perform_due()
    assert (fresh(order).status, settled(payment.pk).refunded) == ("cancelled", order.total)
    assert broken_promises() == []


def test_paid_twice_gives_the_second_back(sandbox: RunningSandbox) -> None:
    order = place_and_pay_twice(sandbox)
    first, second = Payment.objects.order_by("created_at")
    told(second)
    perform_due()
    assert (settled(first.pk).refunded, settled(second.pk).refunded) == (0, order.total)
    assert fresh(order).status == "paid"
    assert broken_promises() == []


def place_and_pay_twice(sandbox: RunningSandbox) -> Order:
    order = ordered()
    first, snapshot = opened(order)
    other, from_other_tab = opened_payment(gateway_of("stripe"), order=order)
    for paid_for in (snapshot, from_other_tab):
        pay(sandbox, paid_for)
    settled(first.pk)
    settled(other.pk)
    return order


def test_money_on_its_way_back_takes_no_stock_again(sandbox: RunningSandbox) -> None:
    order = ordered()
    payment = late(sandbox, order)
    warehouse = StockLevel.objects.get().warehouse.code
    adjust_stock(sku="MUG", warehouse_code=warehouse, on_hand=0, reason="damage", by=TESTS)
    told(payment)
    adjust_stock(sku="MUG", warehouse_code=warehouse, on_hand=5, reason="count", by=TESTS)
    told(payment)
    assert fresh(order).status == "cancelled"
    perform_due()
    assert (fresh(order).status, settled(payment.pk).refunded) == ("cancelled", order.total)
    assert broken_promises() == []
