"""Our books against PayPal's, which lists movements of money only, over HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from orders.models import Order
from orders.tests.factories import TESTS, buyable, fresh, place
from payments.gateways.base import Snapshot
from payments.gateways.registry import gateway_of
from payments.models import Operation, Payment, ReconciliationRun, Refund
from payments.reconciliation import open_run, perform_runs
from payments.services import ask_completion, open_payment, perform
from payments.states import OperationKind
from payments.tests.factories import broken_promises
from payments.tests.paypal_shop import BACK, approve, gateway_to, key, paid, request
from sandbox.testing import RunningSandbox, start_sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox(tmp_path: Path, settings: Any) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path, shop_url="") as running:
        running.webhooks(never=True)
        gateway_to(running, settings, PAYMENT_GATEWAYS={"paypal": "payments.gateways.paypal.PayPalGateway"})
        gateway_of.cache_clear()
        yield running
    gateway_of.cache_clear()


def ordered() -> Order:
    buyable("MUG", price="10.00")
    return place(("MUG", 1))


def approved(sandbox: RunningSandbox, order: Order) -> tuple[Payment, Snapshot]:
    """The customer has agreed at PayPal and has not come back."""
    payment = open_payment(order_id=order.pk, provider="paypal", return_url=BACK, by=TESTS)
    opened = perform(Operation.objects.get(payment=payment, kind=OperationKind.CREATE).pk)
    assert opened is not None
    approve(sandbox, opened)
    return payment, opened


def captured(sandbox: RunningSandbox, order: Order) -> Payment:
    payment, _ = approved(sandbox, order)
    perform(ask_completion(payment_id=payment.pk, by=TESTS).pk)
    payment.refresh_from_db()
    return payment


def refund_at_paypal(sandbox: RunningSandbox, capture: str, amount: str) -> None:
    """What somebody does on PayPal's pages, past the shop."""
    keys = (sandbox.settings["PAYPAL_CLIENT_ID"], sandbox.settings["PAYPAL_CLIENT_SECRET"])
    with sandbox.client() as client:
        token = client.post("/paypal/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=keys).json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        body = {"amount": {"currency_code": "EUR", "value": amount}}
        client.post(f"/paypal/v2/payments/captures/{capture}/refund", json=body, headers=headers).raise_for_status()


def reconciled() -> ReconciliationRun:
    run = open_run(provider="paypal", until=timezone.now() + timedelta(minutes=1), by=TESTS)
    assert perform_runs() == 1
    run.refresh_from_db()
    assert run.error == ""
    return run


def differences(run: ReconciliationRun) -> list[tuple[str, str, str]]:
    return sorted(run.differences.values_list("object_type", "kind", "state"))


def test_books_that_agree_leave_nothing_to_do(sandbox: RunningSandbox) -> None:
    assert captured(sandbox, ordered()).status == "captured"
    run = reconciled()
    assert (run.compared, differences(run)) == (1, [])


def test_money_that_nobody_told_us_of_is_settled(sandbox: RunningSandbox) -> None:
    order = ordered()
    payment, opened = approved(sandbox, order)
    gateway_of("paypal").complete(opened.reference, key=key())
    run = reconciled()
    assert ("capture", "missing_here", "repaired") in differences(run)
    assert run.open == 0
    payment.refresh_from_db()
    assert (payment.status, payment.captured, fresh(order).status) == ("captured", order.total, "paid")
    assert broken_promises() == []


def test_a_refund_made_there_is_recorded_as_such(sandbox: RunningSandbox) -> None:
    payment = captured(sandbox, ordered())
    capture = payment.captures.get().provider_reference
    refund_at_paypal(sandbox, capture, "3.00")
    assert differences(reconciled()) == [("refund", "missing_here", "repaired")]
    assert (Refund.objects.get().amount, Refund.objects.get().cause) == (3, "external")


def test_money_of_somebody_else_is_shown_to_staff(sandbox: RunningSandbox) -> None:
    paid(sandbox, gateway_of("paypal"), request("29.00"))
    run = reconciled()
    assert ("capture", "missing_here", "open") in differences(run)
    assert not Payment.objects.exists()


def test_a_payment_that_paypal_does_not_know_is_missing_there(sandbox: RunningSandbox) -> None:
    payment = captured(sandbox, ordered())
    Payment.objects.filter(pk=payment.pk).update(provider_reference="0GONE0GONE0GONE00")
    run = reconciled()
    assert ("payment", "missing_there", "open") in differences(run)
