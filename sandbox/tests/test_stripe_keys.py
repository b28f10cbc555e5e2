"""Idempotency keys as Stripe documents them: https://docs.stripe.com/api/idempotent_requests"""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import stripe

from sandbox.testing import RunningSandbox
from sandbox.tests.stripe_calls import charge_of, pay

INTENT = {"amount": "5000", "currency": "eur", "payment_method": "pm_card_visa", "confirm": "true"}


def create(http: httpx.Client, key: str, **changes: str) -> httpx.Response:
    return http.post("/v1/payment_intents", data=INTENT | changes, headers={"Idempotency-Key": key})


def refunds(api: stripe.StripeClient, intent: str) -> list[int]:
    return [refund.amount for refund in api.v1.refunds.list({"payment_intent": intent})]


def test_a_repeated_key_repeats_the_answer_and_says_so(http: httpx.Client) -> None:
    first, second = create(http, "twice"), create(http, "twice")
    assert first.json() == second.json()
    assert "Idempotent-Replayed" not in first.headers
    assert (second.status_code, second.headers["Idempotent-Replayed"]) == (200, "true")


def test_a_decline_is_repeated_too(http: httpx.Client) -> None:
    first, second = (create(http, "declined", payment_method="pm_card_chargeDeclined") for _ in range(2))
    assert (first.status_code, second.status_code) == (402, 402)
    assert first.json()["error"]["charge"] == second.json()["error"]["charge"]


def test_a_key_belongs_to_its_parameters(http: httpx.Client) -> None:
    create(http, "mine")
    other = create(http, "mine", amount="5001")
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")


def test_a_request_that_could_not_begin_keeps_no_answer(http: httpx.Client) -> None:
    assert create(http, "typo", currency="euro").status_code == 400
    assert create(http, "typo").status_code == 200


def test_a_key_whose_first_call_still_runs_is_refused(http: httpx.Client, sandbox: RunningSandbox) -> None:
    sandbox.knob(effect="delay", path="/payment_intents$", seconds=1, times=1)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(create, http, "slow")
        time.sleep(0.4)
        meanwhile = create(http, "slow")
        assert (meanwhile.status_code, meanwhile.json()["error"]["code"]) == (409, "idempotency_key_in_use")
        assert slow.result().status_code == 200
    assert create(http, "slow").json() == slow.result().json()


def test_an_answer_that_never_came_can_be_asked_for_again(api: stripe.StripeClient, sandbox: RunningSandbox) -> None:
    intent = pay(api)
    sandbox.knob(effect="drop_answer", provider="stripe", method="POST", path="^/v1/refunds$", times=1)
    wanted = ({"payment_intent": intent.id, "amount": 100}, {"idempotency_key": f"lost {intent.id}"})
    with pytest.raises(stripe.APIConnectionError):
        api.v1.refunds.create(*wanted)
    assert refunds(api, intent.id) == [100]
    assert api.v1.refunds.create(*wanted).amount == 100
    assert refunds(api, intent.id) == [100]


@pytest.mark.parametrize(("effect", "left"), [("error_after", [100]), ("error_before", [])])
def test_a_500_is_kept_with_its_key_whether_it_happened_or_not(
    api: stripe.StripeClient, sandbox: RunningSandbox, effect: str, left: list[int]
) -> None:
    intent = pay(api)
    sandbox.knob(effect=effect, method="POST", path="^/v1/refunds$", times=1)
    wanted = ({"payment_intent": intent.id, "amount": 100}, {"idempotency_key": f"500 {intent.id}"})
    replayed = []
    for _ in range(2):
        with pytest.raises(stripe.APIError) as error:
            api.v1.refunds.create(*wanted)
        assert error.value.http_status == 500
        replayed.append(error.value.headers.get("Idempotent-Replayed"))
    assert replayed == [None, "true"]
    assert refunds(api, intent.id) == left


@pytest.mark.parametrize(("effect", "status"), [("rate_limit", 429), ("unavailable", 503)])
def test_what_stands_in_front_leaves_no_trace(
    http: httpx.Client, sandbox: RunningSandbox, effect: str, status: int
) -> None:
    sandbox.knob(effect=effect, method="POST", times=1)
    assert create(http, effect).status_code == status
    again = create(http, effect)
    assert (again.status_code, "Idempotent-Replayed" in again.headers) == (200, False)


def test_a_knob_may_strike_by_chance_and_the_same_seed_strikes_alike(
    http: httpx.Client, sandbox: RunningSandbox
) -> None:
    def statuses() -> list[int]:
        sandbox.knob(effect="unavailable", path="/account$", probability=0.5, seed=7)
        found = [http.get("/v1/account").status_code for _ in range(20)]
        sandbox.ask("DELETE", "/knobs")
        return found

    first = statuses()
    assert set(first) == {200, 503}
    assert statuses() == first


def test_twenty_at_once_with_one_key_make_one_payment(http: httpx.Client, api: stripe.StripeClient) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: create(http, "together", description="together"), range(40)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 200}) == 1
    made = [found for found in api.v1.payment_intents.list({"limit": 100}) if found.description == "together"]
    assert len(made) == 1


def test_twenty_at_once_with_keys_of_their_own_refund_no_more_than_was_paid(
    http: httpx.Client, api: stripe.StripeClient
) -> None:
    intent = pay(api)

    def refund(number: int) -> int:
        key = {"Idempotency-Key": f"{intent.id} {number}"}
        return http.post("/v1/refunds", data={"payment_intent": intent.id, "amount": "300"}, headers=key).status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = sorted(pool.map(refund, range(40)))
    assert statuses == [200] * 16 + [400] * 24
    assert charge_of(api, intent).amount_refunded == 4800
