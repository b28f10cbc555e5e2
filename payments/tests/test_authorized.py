"""Where the shop takes money only as the goods leave."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from kernel.errors import NotAllowedNow
from orders.actions import available, facts_of
from orders.models import Order, Shipment
from orders.reading import read_order
from orders.services import cancel_order, pack_shipment, ship_shipment
from orders.tests.factories import TESTS, buyable, fresh
from payments.errors import PaymentMismatch
from payments.gateways.registry import gateway_of
from payments.models import MoneyCase, Payment
from payments.services import (
    capture_payment,
    capture_shipped,
    give_up_unneeded,
    perform_due,
    void_payment,
    warn_of_expiring,
)
from payments.tests.factories import broken_promises
from payments.tests.shop_with_stripe import ordered, paid, settled
from payments.tests.stripe_shop import with_stripe
from sandbox.testing import RunningSandbox, start_sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path_factory.mktemp("sandbox"), shop_url="") as running:
        yield running


@pytest.fixture(autouse=True)
def stripe(settings: Any, sandbox: RunningSandbox) -> Iterator[None]:
    settings.SHOP_CAPTURE_AT_SHIPMENT = True
    with_stripe(settings, sandbox)
    yield
    gateway_of.cache_clear()


def authorized(sandbox: RunningSandbox, *lines: tuple[str, int]) -> tuple[Order, Payment]:
    order = ordered(*lines)
    return order, paid(sandbox, order)


def sent(order: Order, **lines: int) -> None:
    """One package of so many units by SKU has left."""
    chosen = {line.pk: lines[line.sku] for line in order.lines.all() if line.sku in lines}
    shipment: Shipment = pack_shipment(order_id=order.pk, lines=chosen, by=TESTS)
    ship_shipment(shipment_id=shipment.pk, carrier="DHL", tracking_number="1", by=TESTS)


def test_an_authorised_order_counts_as_paid_and_may_be_packed(sandbox: RunningSandbox) -> None:
    order, payment = authorized(sandbox)
    assert (payment.status, payment.authorized, payment.captured) == ("authorized", order.total, 0)
    assert payment.authorization_expires_at is not None
    assert (fresh(order).status, fresh(order).payment_status) == ("paid", "authorized")
    assert "pack" in available(facts_of(read_order(order.pk)))
    assert broken_promises() == []


def test_the_money_is_taken_as_the_goods_leave(sandbox: RunningSandbox) -> None:
    order, payment = authorized(sandbox)
    sent(order, MUG=1)
    for _ in range(2):
        capture_shipped(order_id=order.pk, by=TESTS)
    perform_due()
    assert settled(payment.pk).captured == order.total
    assert payment.captures.count() == 1
    assert (fresh(order).status, fresh(order).payment_status) == ("shipped", "paid")
    assert broken_promises() == []


def test_a_provider_that_captures_once_takes_all_with_the_first_package(sandbox: RunningSandbox) -> None:
    buyable("BOWL", price="20.00")
    order, payment = authorized(sandbox, ("MUG", 1), ("BOWL", 1))
    sent(order, MUG=1)
    capture_shipped(order_id=order.pk, by=TESTS)
    perform_due()
    assert settled(payment.pk).captured == order.total
    assert broken_promises() == []


def test_a_part_can_be_captured_by_hand(sandbox: RunningSandbox) -> None:
    order, payment = authorized(sandbox)
    capture_payment(payment_id=payment.pk, amount=Decimal("7.00"), by=TESTS)
    with pytest.raises(PaymentMismatch):
        capture_payment(payment_id=payment.pk, amount=order.total, by=TESTS)
    perform_due()
    after = settled(payment.pk)
    assert (after.status, after.captured, after.authorized) == ("captured", 7, 7)
    assert broken_promises() == []


def test_cancelling_gives_the_authorisation_up(sandbox: RunningSandbox) -> None:
    order, payment = authorized(sandbox)
    cancel_order(order_id=order.pk, reason="changed my mind", by=TESTS)
    for _ in range(2):
        give_up_unneeded(order_id=order.pk, by=TESTS)
    perform_due()
    after = settled(payment.pk)
    assert (after.status, after.authorized, after.captured) == ("voided", 0, 0)
    assert broken_promises() == []


def test_taken_money_cannot_be_given_up(sandbox: RunningSandbox) -> None:
    _, payment = authorized(sandbox)
    capture_payment(payment_id=payment.pk, by=TESTS)
    with pytest.raises(NotAllowedNow):
        void_payment(payment_id=payment.pk, by=TESTS)


def test_an_authorisation_about_to_end_asks_a_person_once(sandbox: RunningSandbox) -> None:
    _, payment = authorized(sandbox)
    assert warn_of_expiring(by=TESTS) == 0
    soon = timezone.now() + timedelta(hours=23)
    Payment.objects.filter(pk=payment.pk).update(authorization_expires_at=soon)
    for _ in range(2):
        assert warn_of_expiring(by=TESTS) == 1
    assert list(MoneyCase.objects.values_list("kind", "about")) == [("authorization_ends", str(payment.pk))]


def test_a_paid_order_whose_authorisation_ended_is_not_packed(sandbox: RunningSandbox) -> None:
    order, payment = authorized(sandbox)
    void_payment(payment_id=payment.pk, by=TESTS)
    perform_due()
    after = fresh(order)
    assert (after.status, after.payment_status) == ("paid", "unpaid")
    facts = facts_of(read_order(order.pk))
    assert "pack" not in available(facts)
    assert "pay" in available(facts)


def test_what_is_cancelled_or_paid_otherwise_is_not_taken(sandbox: RunningSandbox) -> None:
    buyable("BOWL", price="20.00")
    order, payment = authorized(sandbox, ("MUG", 1), ("BOWL", 1))
    Payment.objects.filter(pk=payment.pk).update(capturing=Decimal("1.00"))
    bowl = order.lines.get(sku="BOWL")
    cancel_order(order_id=order.pk, reason="changed my mind", lines={bowl.pk: 1}, by=TESTS)
    sent(order, MUG=1)
    capture_shipped(order_id=order.pk, by=TESTS)
    payment.refresh_from_db()
    assert payment.capturing == fresh(order).due
