"""Payment intents as Stripe's own client sees them."""

import httpx
import pytest
import stripe

from sandbox.testing import RunningSandbox
from sandbox.tests.stripe_calls import charge_of, events, pay, refusal


def test_a_card_pays_at_once(api: stripe.StripeClient) -> None:
    intent = pay(api, metadata={"order_number": "W-1", "payment_id": "7"})
    charge = charge_of(api, intent)
    assert (intent.status, intent.amount_received, intent.amount_capturable) == ("succeeded", 5000, 0)
    assert (charge.captured, charge.amount_captured, charge.amount_refunded) == (True, 5000, 0)
    assert intent.metadata.to_dict() == {"order_number": "W-1", "payment_id": "7"}
    assert events(api, intent) == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


def test_an_intent_waits_for_a_means_of_payment_and_then_for_the_confirmation(api: stripe.StripeClient) -> None:
    empty = api.v1.payment_intents.create({"amount": 100, "currency": "eur"})
    chosen = api.v1.payment_intents.create({"amount": 100, "currency": "eur", "payment_method": "pm_card_visa"})
    assert (empty.status, chosen.status) == ("requires_payment_method", "requires_confirmation")
    assert api.v1.payment_intents.confirm(chosen.id).status == "succeeded"


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ],
)
def test_a_declined_card_leaves_the_intent_payable(
    api: stripe.StripeClient, card: str, code: str, decline_code: str
) -> None:
    intent = api.v1.payment_intents.create({"amount": 100, "currency": "eur"})
    error = refusal(api.v1.payment_intents.confirm, intent.id, {"payment_method": card})
    now = api.v1.payment_intents.retrieve(intent.id)
    assert (type(error), error.http_status, error.code) == (stripe.CardError, 402, code)
    assert error.error.decline_code == decline_code
    assert (now.status, now.last_payment_error.code) == ("requires_payment_method", code)
    assert charge_of(api, now).status == "failed"
    assert events(api, intent)[-1] == "payment_intent.payment_failed"
    assert api.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).status == "succeeded"


def test_a_hold_is_taken_in_part_and_the_rest_is_released(api: stripe.StripeClient) -> None:
    held = pay(api, capture_method="manual")
    hold = charge_of(api, held)
    assert (held.status, held.amount_capturable, held.amount_received) == ("requires_capture", 5000, 0)
    assert hold.captured is False
    assert hold.payment_method_details.card.capture_before - hold.created == 7 * 24 * 60 * 60
    taken = api.v1.payment_intents.capture(held.id, {"amount_to_capture": 3000})
    assert (taken.status, taken.amount_received, taken.amount_capturable) == ("succeeded", 3000, 0)
    assert refusal(api.v1.payment_intents.capture, held.id).code == "payment_intent_unexpected_state"
    assert events(api, held)[-2:] == ["charge.captured", "payment_intent.succeeded"]


def test_no_more_is_taken_than_is_held(api: stripe.StripeClient) -> None:
    held = pay(api, capture_method="manual")
    error = refusal(api.v1.payment_intents.capture, held.id, {"amount_to_capture": 5001})
    assert (error.http_status, error.code) == (400, "amount_too_large")
    assert api.v1.payment_intents.retrieve(held.id).status == "requires_capture"


def test_a_hold_is_given_up_by_the_shop_or_by_time(api: stripe.StripeClient, sandbox: RunningSandbox) -> None:
    given_up, expired = (pay(api, capture_method="manual") for _ in range(2))
    api.v1.payment_intents.cancel(given_up.id, {"cancellation_reason": "requested_by_customer"})
    sandbox.ask("POST", f"/stripe/_test/payment_intents/{expired.id}/expire")
    states = [api.v1.payment_intents.retrieve(intent.id) for intent in (given_up, expired)]
    assert [(now.status, now.cancellation_reason) for now in states] == [
        ("canceled", "requested_by_customer"),
        ("canceled", "automatic"),
    ]
    assert refusal(api.v1.payment_intents.cancel, expired.id).code == "payment_intent_unexpected_state"
    assert events(api, expired)[-2:] == ["charge.expired", "payment_intent.canceled"]


def test_a_paid_intent_cannot_be_canceled_or_paid_again(api: stripe.StripeClient) -> None:
    intent = pay(api)
    for verb in (api.v1.payment_intents.cancel, api.v1.payment_intents.confirm):
        error = refusal(verb, intent.id)
        assert (error.code, error.error.payment_intent.id) == ("payment_intent_unexpected_state", intent.id)
    assert len(list(api.v1.charges.list({"payment_intent": intent.id}))) == 1


@pytest.mark.parametrize(("decision", "redirect"), [("approve", "succeeded"), ("refuse", "failed")])
def test_the_bank_asks_the_customer_and_leads_back(
    api: stripe.StripeClient, sandbox: RunningSandbox, decision: str, redirect: str
) -> None:
    intent = pay(api, "pm_card_threeDSecure2Required", return_url="https://shop.example.com/back?order=1")
    assert intent.status == "requires_action"
    page = intent.next_action.redirect_to_url.url
    assert "50.00 EUR" in httpx.get(page).text
    answer = httpx.post(page, data={"decision": decision})
    assert answer.headers["Location"].startswith("https://shop.example.com/back?order=1&payment_intent=pi_")
    assert answer.headers["Location"].endswith(f"redirect_status={redirect}")
    now = api.v1.payment_intents.retrieve(intent.id)
    if decision == "approve":
        assert now.status == "succeeded"
    else:
        assert now.status == "requires_payment_method"
        assert now.last_payment_error.code == "payment_intent_authentication_failure"


def test_a_bank_debit_is_paid_later(api: stripe.StripeClient, sandbox: RunningSandbox) -> None:
    intent = pay(api, "pm_usBankAccount")
    assert intent.status == "processing"
    sandbox.ask("POST", f"/stripe/_test/payment_intents/{intent.id}/settle", {"status": "succeeded"})
    assert api.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_the_customer_confirms_with_the_client_secret_only(api: stripe.StripeClient, http: httpx.Client) -> None:
    intent = api.v1.payment_intents.create({"amount": 100, "currency": "eur"})
    customer = {"Authorization": "Bearer pk_test_sandbox"}
    path = f"/v1/payment_intents/{intent.id}"
    right = {"client_secret": intent.client_secret, "payment_method": "pm_card_visa"}
    wrong = right | {"client_secret": "guessed"}
    assert http.post(f"{path}/confirm", headers=customer, data=wrong).status_code == 401
    assert http.post(f"{path}/cancel", headers=customer, data=right).status_code == 401
    assert http.post(f"{path}/confirm", headers=customer, data=right).json()["status"] == "succeeded"


@pytest.mark.parametrize(
    ("wanted", "code", "param"),
    [
        ({"currency": "eur"}, "parameter_missing", "amount"),
        ({"amount": 1, "currency": "eur"}, "amount_too_small", "amount"),
        ({"amount": "4.5", "currency": "eur"}, "parameter_invalid_integer", "amount"),
        ({"amount": 100, "currency": "eur", "colour": "red"}, "parameter_unknown", "colour"),
        (
            {"amount": 100, "currency": "eur", "payment_method": "pm_1", "confirm": True},
            "resource_missing",
            "payment_method",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(api: stripe.StripeClient, wanted: dict, code: str, param: str) -> None:
    error = refusal(api.v1.payment_intents.create, wanted)
    assert (type(error), error.http_status) == (stripe.InvalidRequestError, 400)
    assert (error.code, error.param) == (code, param)


def test_no_card_number_is_ever_taken(http: httpx.Client) -> None:
    for name in ("payment_method_data[card][number]", "description", "metadata[note]"):
        wanted = {"amount": "100", "currency": "eur", name: "4242 4242 4242 4242"}
        answer = http.post("/v1/payment_intents", data=wanted)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, name)


def test_a_wrong_key_opens_nothing(http: httpx.Client) -> None:
    assert http.get("/v1/account").json()["id"] == "acct_sandbox"
    assert http.get("/v1/account", headers={"Authorization": "Bearer sk_test_other"}).status_code == 401


def test_metadata_is_merged_and_an_amount_is_fixed_once_paid(api: stripe.StripeClient) -> None:
    intent = pay(api, metadata={"a": "1", "b": "2"})
    changed = api.v1.payment_intents.update(intent.id, {"metadata": {"b": "", "c": "3"}})
    assert changed.metadata.to_dict() == {"a": "1", "c": "3"}
    error = refusal(api.v1.payment_intents.update, intent.id, {"amount": 1})
    assert error.code == "payment_intent_unexpected_state"


def test_lists_go_page_by_page_within_their_window(api: stripe.StripeClient) -> None:
    made = [pay(api).id for _ in range(5)]
    first = api.v1.payment_intents.list({"limit": 2})
    assert ([intent.id for intent in first.data], first.has_more) == ([made[4], made[3]], True)
    second = api.v1.payment_intents.list({"limit": 3, "starting_after": made[3]})
    assert [intent.id for intent in second.data] == [made[2], made[1], made[0]]
    back = api.v1.payment_intents.list({"limit": 2, "ending_before": made[0]})
    assert [intent.id for intent in back.data] == [made[2], made[1]]
    created = api.v1.payment_intents.retrieve(made[4]).created
    later = api.v1.payment_intents.list({"created": {"gte": created + 1}})
    assert (later.data, later.has_more) == ([], False)
    walked = [intent.id for intent in api.v1.payment_intents.list({"limit": 2}).auto_paging_iter()]
    assert (walked[:5], len(walked)) == (made[::-1], len(set(walked)))


def test_what_an_answer_names_can_be_expanded(api: stripe.StripeClient) -> None:
    intent = pay(api)
    api.v1.refunds.create({"payment_intent": intent.id, "amount": 10})
    seen = api.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.refunds"]})
    assert [refund.amount for refund in seen.latest_charge.refunds.data] == [10]
    listed = api.v1.payment_intents.list({"limit": 1, "expand": ["data.latest_charge"]})
    assert listed.data[0].latest_charge.amount_refunded == 10
