"""An order paid by PayPal, from the first question to refunds and disputes, told by webhooks that really arrive."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from orders.models import Order
from orders.tests.factories import TESTS, buyable, fresh, place
from payments.gateways.registry import gateway_of
from payments.models import MoneyCase, Operation, Payment, Refund, WebhookEvent
from payments.services import (
    Wanted,
    ask_completion,
    open_payment,
    perform,
    perform_due,
    refund_payment,
)
from payments.services.inbox import process_due
from payments.states import OperationKind
from payments.tests.factories import broken_promises
from payments.tests.paypal_shop import BACK, approve, gateway_to, help_with
from sandbox.testing import RunningSandbox, start_sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox(live_server: LiveServer, settings: Any, tmp_path: Any) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path, shop_url=live_server.url) as running:
        gateway_to(
            running,
            settings,
            PAYMENT_GATEWAYS={"paypal": "payments.gateways.paypal.PayPalGateway"},
            ALLOWED_HOSTS=["*"],
        )
        gateway_of.cache_clear()
        yield running
        gateway_of.cache_clear()


@pytest.fixture
def order(sandbox: RunningSandbox) -> Order:
    buyable("MUG", price="10.00")
    return place(("MUG", 1))


def asked(payment: Payment, kind: OperationKind) -> Any:
    return perform(Operation.objects.filter(payment=payment, kind=kind).latest("created_at").pk)


def opened(order: Order) -> tuple[Payment, Any]:
    payment = open_payment(order_id=order.pk, provider="paypal", return_url=BACK, by=TESTS)
    return payment, asked(payment, OperationKind.CREATE)


def heard(sandbox: RunningSandbox) -> None:
    """All that the provider had to tell has arrived and is understood."""
    sandbox.wait_until_webhooks_are_delivered()
    while process_due() or perform_due():
        sandbox.wait_until_webhooks_are_delivered()
    assert set(WebhookEvent.objects.values_list("state", flat=True)) <= {"processed"}


def paid(sandbox: RunningSandbox, order: Order) -> Payment:
    payment, snapshot = opened(order)
    approve(sandbox, snapshot)
    perform(ask_completion(payment_id=payment.pk, by=TESTS).pk)
    heard(sandbox)
    payment.refresh_from_db()
    return payment


def test_the_customer_comes_back_and_has_paid(sandbox: RunningSandbox, order: Order) -> None:
    payment = paid(sandbox, order)
    assert (payment.status, payment.captured) == ("captured", order.total)
    assert fresh(order).status == "paid"
    assert broken_promises() == []


def test_the_customer_never_comes_back_and_has_paid_all_the_same(sandbox: RunningSandbox, order: Order) -> None:
    payment, snapshot = opened(order)
    approve(sandbox, snapshot)
    heard(sandbox)
    payment.refresh_from_db()
    assert (payment.status, payment.captured) == ("captured", order.total)
    assert fresh(order).status == "paid"


def test_our_refund_and_one_made_at_paypal_are_both_known_once(sandbox: RunningSandbox, order: Order) -> None:
    payment = paid(sandbox, order)
    refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal("2.00")), reason="scratched", by=TESTS)
    heard(sandbox)
    capture = payment.captures.get().provider_reference
    refund_at_paypal(sandbox, capture, "3.00")
    heard(sandbox)
    payment.refresh_from_db()
    assert payment.refunded == Decimal("5.00")
    assert sorted(Refund.objects.values_list("amount", "cause", "status")) == [
        (Decimal(2), "requested", "succeeded"),
        (Decimal(3), "external", "succeeded"),
    ]
    assert broken_promises() == []


def test_a_dispute_asks_for_a_person_and_holds_the_order(sandbox: RunningSandbox, order: Order) -> None:
    payment = paid(sandbox, order)
    help_with(sandbox, f"captures/{payment.captures.get().provider_reference}/dispute")
    heard(sandbox)
    assert [case.kind for case in MoneyCase.objects.all()] == ["dispute"]
    assert [hold.kind for hold in fresh(order).holds.all()] == ["payment_review"]
    dispute = payment.disputes.get()
    help_with(sandbox, f"disputes/{dispute.provider_reference}/close", outcome="RESOLVED_BUYER_FAVOUR")
    heard(sandbox)
    dispute.refresh_from_db()
    assert dispute.status == "lost"


def test_a_declined_instrument_leaves_the_order_to_be_paid_again(sandbox: RunningSandbox, order: Order) -> None:
    payment, snapshot = opened(order)
    approve(sandbox, snapshot, payer="INSTRUMENT_DECLINED")
    heard(sandbox)
    payment.refresh_from_db()
    assert (payment.status, payment.failure_code) == ("failed", "instrument_declined")
    assert fresh(order).status == "pending"


def refund_at_paypal(sandbox: RunningSandbox, capture_id: str, amount: str) -> None:
    keys = (sandbox.settings["PAYPAL_CLIENT_ID"], sandbox.settings["PAYPAL_CLIENT_SECRET"])
    with sandbox.client() as client:
        token = client.post("/paypal/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=keys).json()
        client.post(
            f"/paypal/v2/payments/captures/{capture_id}/refund",
            json={"amount": {"currency_code": "EUR", "value": amount}},
            headers={"Authorization": f"Bearer {token['access_token']}"},
        ).raise_for_status()
