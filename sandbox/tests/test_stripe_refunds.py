"""Refunds and disputes."""

import time

import pytest
import stripe

from sandbox.testing import RunningSandbox
from sandbox.tests.stripe_calls import charge_of, events, pay, refusal


def test_refunds_add_up_to_what_was_captured_and_no_further(api: stripe.StripeClient) -> None:
    intent = pay(api)
    first = api.v1.refunds.create({"payment_intent": intent.id, "amount": 2000, "metadata": {"refund_id": "1"}})
    too_much = refusal(api.v1.refunds.create, {"payment_intent": intent.id, "amount": 3001})
    rest = api.v1.refunds.create({"charge": intent.latest_charge})
    nothing_left = refusal(api.v1.refunds.create, {"payment_intent": intent.id, "amount": 1})
    assert (first.status, first.amount, first.metadata.to_dict()) == ("succeeded", 2000, {"refund_id": "1"})
    assert (too_much.code, rest.amount, nothing_left.code) == ("amount_too_large", 3000, "charge_already_refunded")
    charge = charge_of(api, intent)
    assert (charge.amount_refunded, charge.refunded) == (5000, True)
    assert [found.id for found in api.v1.refunds.list({"payment_intent": intent.id})] == [rest.id, first.id]
    assert events(api, intent)[-4:] == ["refund.created", "charge.refunded"] * 2


def test_only_the_captured_part_can_be_refunded(api: stripe.StripeClient) -> None:
    held = pay(api, capture_method="manual")
    assert "was not captured" in str(refusal(api.v1.refunds.create, {"payment_intent": held.id}))
    api.v1.payment_intents.capture(held.id, {"amount_to_capture": 700})
    assert api.v1.refunds.create({"payment_intent": held.id}).amount == 700


def test_nothing_paid_is_nothing_to_refund(api: stripe.StripeClient) -> None:
    intent = api.v1.payment_intents.create({"amount": 100, "currency": "eur"})
    error = refusal(api.v1.refunds.create, {"payment_intent": intent.id})
    assert "does not have a successful charge" in str(error)
    assert refusal(api.v1.refunds.create, {"payment_intent": "pi_none"}).code == "resource_missing"


@pytest.mark.parametrize(
    ("card", "first", "last"),
    [("pm_card_pendingRefund", "pending", "succeeded"), ("pm_card_refundFail", "succeeded", "failed")],
)
def test_some_refunds_end_later_by_themselves(api: stripe.StripeClient, card: str, first: str, last: str) -> None:
    intent = pay(api, card)
    refund = api.v1.refunds.create({"payment_intent": intent.id, "amount": 400})
    assert refund.status == first
    deadline = time.monotonic() + 20
    while api.v1.refunds.retrieve(refund.id).status != last:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert charge_of(api, intent).amount_refunded == (400 if last == "succeeded" else 0)
    told = "refund.updated" if last == "succeeded" else "refund.failed"
    assert events(api, intent)[-2:] == [told, "charge.refund.updated"]


def test_a_failed_refund_is_the_shops_money_again(api: stripe.StripeClient, sandbox: RunningSandbox) -> None:
    intent = pay(api)
    refund = api.v1.refunds.create({"payment_intent": intent.id})
    for _ in range(2):
        sandbox.ask("POST", f"/stripe/_test/refunds/{refund.id}/settle", {"status": "failed"})
    assert charge_of(api, intent).amount_refunded == 0
    assert api.v1.refunds.create({"payment_intent": intent.id}).amount == 5000


def test_a_test_card_is_disputed_as_soon_as_it_has_paid(api: stripe.StripeClient) -> None:
    intent = pay(api, "pm_card_createDispute")
    (dispute,) = api.v1.disputes.list({"payment_intent": intent.id})
    assert (dispute.status, dispute.amount, dispute.charge) == ("needs_response", 5000, intent.latest_charge)
    assert charge_of(api, intent).disputed is True
    assert refusal(api.v1.refunds.create, {"payment_intent": intent.id}).code == "charge_disputed"


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_dispute_is_opened_and_decided(api: stripe.StripeClient, sandbox: RunningSandbox, outcome: str) -> None:
    intent = pay(api)
    helper = f"/stripe/_test/payment_intents/{intent.id}/dispute"
    opened = sandbox.ask("POST", helper, {"amount": 1500, "reason": "product_not_received"})
    sandbox.ask("POST", f"{helper}/close", {"status": outcome})
    dispute = api.v1.disputes.retrieve(opened["id"])
    assert (dispute.status, dispute.amount, dispute.reason) == (outcome, 1500, "product_not_received")
    ending = ["charge.dispute.closed"] + ["charge.dispute.funds_reinstated"] * (outcome == "won")
    assert events(api, intent)[3:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn", *ending]
    assert refusal(api.v1.disputes.close, opened["id"]).http_status == 400
