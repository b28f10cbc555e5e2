"""The gateway to Stripe, spoken to by HTTP at the sandbox."""

import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from payments.gateways.base import Declined, Money, Snapshot
from payments.gateways.registry import gateway_of
from payments.gateways.stripe import StripeGateway
from payments.states import DisputeStatus, PaymentStatus, TransferStatus
from payments.tests.stripe_shop import TWENTY, asked, at_stripe, pay, with_stripe
from sandbox.testing import KEYS, RunningSandbox, start_sandbox

OK, PENDING, FAILED = TransferStatus.SUCCEEDED, TransferStatus.PENDING, TransferStatus.FAILED


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    home: Path = tmp_path_factory.mktemp("sandbox")
    with start_sandbox(home=home, shop_url="") as running:
        yield running


@pytest.fixture
def stripe(settings: Any, sandbox: RunningSandbox) -> Iterator[StripeGateway]:
    sandbox.ask("DELETE", "/knobs")
    yield with_stripe(settings, sandbox)
    gateway_of.cache_clear()


def paid(stripe: StripeGateway, sandbox: RunningSandbox, *, method: str = "pm_card_visa", **how: Any) -> Snapshot:
    opened = stripe.create(asked(**how))
    pay(sandbox, opened, method)
    return stripe.look_up(opened.reference)


def new_key() -> str:
    return uuid4().hex


def refunds(snapshot: Snapshot) -> set[tuple[Decimal, TransferStatus, str]]:
    return {(refund.amount, refund.status, refund.ours) for refund in snapshot.refunds}


def test_a_payment_is_opened_for_the_customer_to_complete(stripe: StripeGateway) -> None:
    request = asked(money=Money(Decimal("19.99"), "EUR"))
    opened = stripe.create(request)
    assert (opened.status, opened.money, opened.authorized) == (PaymentStatus.CREATED, request.money, 0)
    assert (opened.payment_id, opened.order_number) == (str(request.payment_id), "W1000001")
    assert opened.payee == stripe.payee == KEYS["SANDBOX_STRIPE_ACCOUNT"]
    assert opened.client_secret.startswith(opened.reference)
    assert stripe.look_up(opened.reference) == opened


def test_the_same_key_opens_the_same_payment(stripe: StripeGateway) -> None:
    request = asked()
    assert stripe.create(request).reference == stripe.create(request).reference


def test_money_is_taken_when_the_customer_pays(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    now = paid(stripe, sandbox)
    assert (now.status, now.authorized) == (PaymentStatus.CAPTURED, Decimal("20.00"))
    (capture,) = now.captures
    assert (capture.amount, capture.status) == (Decimal("20.00"), OK)
    assert capture.reference.startswith("ch_")
    assert stripe.complete(now.reference, key="none") == now


def test_an_authorisation_says_until_when(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    now = paid(stripe, sandbox, capture_at_once=False)
    assert (now.status, now.authorized, now.captures) == (PaymentStatus.AUTHORIZED, Decimal("20.00"), ())
    assert now.authorization_expires_at is not None
    assert now.authorization_expires_at > timezone.now() + timedelta(days=1)


def test_a_part_is_captured_and_the_rest_released(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    held = paid(stripe, sandbox, capture_at_once=False)
    part = Money(Decimal("12.50"), "EUR")
    now = stripe.capture(held.reference, part, is_last=True, key=new_key())
    assert (now.status, now.authorized, now.captures[0].amount) == (PaymentStatus.CAPTURED, part.amount, part.amount)
    assert stripe.capture(held.reference, part, is_last=True, key=new_key()) == now
    with pytest.raises(Declined) as refused:
        stripe.capture(held.reference, TWENTY, is_last=True, key=new_key())
    assert refused.value.code == "payment_intent_unexpected_state"
    assert stripe.look_up(held.reference) == now


@pytest.mark.parametrize("is_authorized", [True, False])
def test_a_void_ends_an_attempt_once(stripe: StripeGateway, sandbox: RunningSandbox, is_authorized: bool) -> None:
    given = paid(stripe, sandbox, capture_at_once=False) if is_authorized else stripe.create(asked())
    now = stripe.void(given.reference, key=new_key())
    assert (now.status, now.authorized, now.captures) == (PaymentStatus.VOIDED, 0, ())
    assert stripe.void(given.reference, key=new_key()) == now


def test_captured_money_cannot_be_voided(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    now = paid(stripe, sandbox)
    with pytest.raises(Declined):
        stripe.void(now.reference, key=new_key())
    assert stripe.look_up(now.reference) == now


def test_parts_go_back_and_carry_our_numbers(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    reference = paid(stripe, sandbox).reference
    five, fifteen = Money(Decimal("5.00"), "EUR"), Money(Decimal("15.00"), "EUR")
    key = new_key()
    once = stripe.refund(reference, five, refund_id=7, reason="Scratched", key=key)
    assert refunds(once) == {(Decimal("5.00"), OK, "7")}
    assert stripe.refund(reference, five, refund_id=7, reason="Scratched", key=key) == once
    now = stripe.refund(reference, fifteen, refund_id=8, reason="Returned", key=new_key())
    assert refunds(now) == {(Decimal("5.00"), OK, "7"), (Decimal("15.00"), OK, "8")}
    assert (now.status, now.captures[0].amount) == (PaymentStatus.CAPTURED, Decimal("20.00"))
    # Under another key it would be too much; it has happened, though.
    assert stripe.refund(reference, fifteen, refund_id=8, reason="Returned", key=new_key()) == now
    with pytest.raises(Declined):
        stripe.refund(reference, five, refund_id=9, reason="Returned", key=new_key())


def test_what_is_given_back_at_stripe_is_no_refund_of_ours(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    reference = paid(stripe, sandbox).reference
    at_stripe(sandbox, "POST", "/v1/refunds", payment_intent=reference, amount=300)
    assert refunds(stripe.look_up(reference)) == {(Decimal("3.00"), OK, "")}


@pytest.mark.parametrize(
    ("method", "first", "last"), [("pm_card_pendingRefund", PENDING, OK), ("pm_card_refundFail", OK, FAILED)]
)
def test_a_refund_may_take_its_time_or_fail_after_all(
    stripe: StripeGateway, sandbox: RunningSandbox, method: str, first: TransferStatus, last: TransferStatus
) -> None:
    reference = paid(stripe, sandbox, method=method).reference
    now = stripe.refund(reference, TWENTY, refund_id=1, reason="Returned", key=new_key())
    assert refunds(now) == {(TWENTY.amount, first, "1")}
    deadline = time.monotonic() + 20
    while refunds(now) != {(TWENTY.amount, last, "1")}:
        assert time.monotonic() < deadline, now
        time.sleep(0.2)
        now = stripe.look_up(reference)
    assert now.captures[0].amount == TWENTY.amount


@pytest.mark.parametrize(
    ("method", "code"),
    [("pm_card_visa_chargeDeclined", "generic_decline"),
     ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds")],
)  # fmt: skip
def test_a_refused_card_says_why_and_another_may_pay(
    stripe: StripeGateway, sandbox: RunningSandbox, method: str, code: str
) -> None:
    opened = stripe.create(asked())
    pay(sandbox, opened, method)
    now = stripe.look_up(opened.reference)
    assert (now.status, now.failure_code, now.authorized, now.captures) == (PaymentStatus.FAILED, code, 0, ())
    pay(sandbox, opened)
    assert stripe.look_up(opened.reference).status == PaymentStatus.CAPTURED


def test_a_dispute_is_a_fact_of_its_payment(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    now = paid(stripe, sandbox, method="pm_card_createDispute")
    (dispute,) = now.disputes
    assert (dispute.amount, dispute.status) == (Decimal("20.00"), DisputeStatus.OPEN)
    assert dispute.reason


def test_a_payment_is_found_by_our_id(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    request, begun = asked(), timezone.now()
    assert stripe.find(request, since=begun) is None
    stripe.create(asked())
    opened = stripe.create(request)
    assert stripe.find(request, since=begun) == opened
    stripe.void(opened.reference, key=new_key())
    assert stripe.find(request, since=begun) == stripe.look_up(opened.reference)


def test_an_unknown_payment_is_not_found(stripe: StripeGateway) -> None:
    with pytest.raises(Declined) as refused:
        stripe.look_up("pi_nobody_knows")
    assert refused.value.code == "not_found"
    with pytest.raises(Declined) as refused:
        stripe.capture("pi_nobody_knows", TWENTY, is_last=True, key=new_key())
    assert refused.value.code == "not_found"


def test_the_book_lists_all_that_was_made_in_a_window(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    dollars = Money(Decimal("8.00"), "USD")
    returned = paid(stripe, sandbox, money=dollars).reference
    disputed = paid(stripe, sandbox, money=dollars, method="pm_card_createDispute").reference
    stripe.refund(returned, Money(Decimal("2.00"), "USD"), refund_id=3, reason="x", key=new_key())
    end = timezone.now() + timedelta(seconds=1)
    begin = end - timedelta(minutes=5)
    entries = [one for one in stripe.book(begin, end) if one.payment_reference in {returned, disputed}]
    assert sorted(
        (one.payment_reference == disputed, one.kind, str(one.money.amount), one.status) for one in entries
    ) == [
        (False, "capture", "8.00", "succeeded"),
        (False, "payment", "8.00", "captured"),
        (False, "refund", "2.00", "succeeded"),
        (True, "capture", "8.00", "succeeded"),
        (True, "dispute", "8.00", "open"),
        (True, "payment", "8.00", "captured"),
    ]
    assert {one.money.currency for one in entries} == {"USD"}
    assert all(begin <= one.created_at < end for one in entries)
    assert [*stripe.book(end + timedelta(days=1), end + timedelta(days=2))] == []
