"""The browser's return and the webhook, at the same moment: each order is settled once."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db.models import F

from audit.models import LogEntry
from orders.models import Order, OrderTransition
from orders.tests.factories import TESTS, buyable, place
from payments.errors import ProviderBusy
from payments.gateways.base import Snapshot
from payments.gateways.registry import gateway_of
from payments.models import Capture, Payment
from payments.services import Wanted, look_up_and_settle, perform_due, refund_payment
from payments.services.inbox import process_due, store
from payments.tests.factories import broken_promises
from payments.tests.shop_with_stripe import opened
from payments.tests.stripe_orders import told
from payments.tests.stripe_shop import at_stripe, pay, with_stripe
from sandbox.testing import RunningSandbox, start_sandbox
from tests.concurrency.racing import at_once, outcomes

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


def paid_at_the_provider(sandbox: RunningSandbox, count: int) -> list[tuple[Payment, Snapshot]]:
    """Orders whose customers have paid, of which the shop knows nothing yet."""
    buyable("MUG", price="10.00", quantity=count)
    found = [opened(place(("MUG", 1))) for _ in range(count)]
    for _, snapshot in found:
        pay(sandbox, snapshot)
    return found


def browser_returns(payment_id: UUID) -> None:
    """As often as it takes: one process asks a provider little at once, and says so."""
    while True:
        try:
            look_up_and_settle(payment_id=payment_id, by=TESTS)
        except ProviderBusy:
            time.sleep(0.005)
        else:
            return


def webhook_comes(reference: str) -> None:
    store(provider="stripe", notice=told(reference))
    process_due(limit=1)


def both_ways(found: list[tuple[Payment, Snapshot]]) -> list[Callable[[], None]]:
    works: list[Callable[[], None]] = []
    for payment, snapshot in found:
        works.append(lambda pk=payment.pk: browser_returns(pk))
        works.append(lambda reference=snapshot.reference: webhook_comes(reference))
    return works


def settle_both_ways(sandbox: RunningSandbox, count: int) -> None:
    found = paid_at_the_provider(sandbox, count)
    assert outcomes(at_once(both_ways(found), threads=16)) == {"done": 2 * count}
    while process_due():
        pass
    assert Counter(Order.objects.values_list("status", "payment_status")) == {("paid", "paid"): count}
    assert Counter(Capture.objects.values_list("payment", flat=True)) == dict.fromkeys(
        [payment.pk for payment, _ in found], 1
    )
    assert LogEntry.objects.filter(name="PaymentCaptured").count() == count
    assert OrderTransition.objects.filter(to_status="paid").count() == count
    assert broken_promises() == []


def test_confirm_and_webhook_settle_each_order_once(sandbox: RunningSandbox) -> None:
    settle_both_ways(sandbox, 40)


@pytest.mark.long
def test_a_thousand_orders_are_settled_once(sandbox: RunningSandbox) -> None:
    settle_both_ways(sandbox, 1000)


def test_fifty_refunds_at_once_never_exceed_what_was_captured(sandbox: RunningSandbox) -> None:
    """17.00 were paid, and everybody wants 1.00 back."""
    ((payment, snapshot),) = paid_at_the_provider(sandbox, 1)
    browser_returns(payment.pk)
    one = Wanted(amount=Decimal(1))
    works = [lambda: refund_payment(payment_id=payment.pk, wanted=one, reason="race", by=TESTS)] * 50
    assert outcomes(at_once(works, threads=25)) == {"done": 17, "amount_exceeds_captured": 33}
    while perform_due():
        pass
    book = at_stripe(sandbox, "GET", "/v1/refunds", payment_intent=snapshot.reference, limit=100)["data"]
    assert [refund["amount"] for refund in book] == [100] * 17
    payment.refresh_from_db()
    assert (payment.captured, payment.refunded, payment.refunding) == (17, 17, 0)
    assert broken_promises() == []


def test_without_the_lock_both_would_take_the_money(sandbox: RunningSandbox) -> None:
    """The control: look whether it is settled, then settle. Only the table's own constraint stands in the way."""
    ((payment, _),) = paid_at_the_provider(sandbox, 1)
    both_have_looked = Barrier(2)

    def look_then_settle() -> None:
        is_settled = Payment.objects.filter(pk=payment.pk, status="captured").exists()
        both_have_looked.wait(timeout=10)
        if not is_settled:
            Payment.objects.filter(pk=payment.pk).update(
                status="captured", authorized=F("amount"), captured=F("captured") + F("amount")
            )

    assert outcomes(at_once([look_then_settle] * 2, threads=2)) == {"done": 1, "23514": 1}
