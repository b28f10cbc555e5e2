"""Tax as Stripe documents it: https://docs.stripe.com/tax/custom"""

from typing import Any

import httpx
import pytest
import stripe

from sandbox.testing import RunningSandbox
from sandbox.tests.stripe_calls import refusal

BERLIN = {"line1": "1 High Street", "city": "Berlin", "postal_code": "10115", "country": "DE"}


def calculate(
    api: stripe.StripeClient, *amounts: int, address: dict[str, str] = BERLIN, behavior: str = "exclusive", **more: Any
) -> Any:
    lines = [{"amount": amount, "reference": f"L{n}", "tax_behavior": behavior} for n, amount in enumerate(amounts)]
    wanted: Any = {
        "currency": "eur",
        "line_items": lines,
        "customer_details": {"address": address, "address_source": "shipping"} | more.pop("customer", {}),
        "expand": ["line_items.data.tax_breakdown"],
        **more,
    }
    return api.v1.tax.calculations.create(wanted)


def commit(api: stripe.StripeClient, calculation: Any, reference: str) -> Any:
    return api.v1.tax.transactions.create_from_calculation({"calculation": calculation.id, "reference": reference})


def reverse(api: stripe.StripeClient, transaction: Any, reference: str, **said: Any) -> Any:
    wanted: Any = {"original_transaction": transaction.id, "reference": reference, "mode": "full", **said}
    return api.v1.tax.transactions.create_reversal(wanted)


def test_tax_is_added_line_by_line_and_to_the_shipping(api: stripe.StripeClient) -> None:
    shipping = {"amount": 500, "tax_behavior": "exclusive"}
    found = calculate(api, 1000, 999, shipping_cost=shipping)
    assert [line.amount_tax for line in found.line_items] == [190, 190]
    assert (found.shipping_cost.amount_tax, found.tax_amount_exclusive, found.amount_total) == (95, 475, 2974)
    (part,) = found.line_items.data[0].tax_breakdown
    assert (part.tax_rate_details.percentage_decimal, part.taxability_reason) == ("19.0", "standard_rated")


def test_tax_that_prices_hold_changes_no_total(api: stripe.StripeClient) -> None:
    found = calculate(api, 11900, behavior="inclusive")
    assert (found.line_items.data[0].amount_tax, found.tax_amount_inclusive, found.amount_total) == (1900, 1900, 11900)


@pytest.mark.parametrize(
    ("address", "tax"),
    [
        ({"country": "FR"}, 200),
        ({"country": "US", "state": "CA", "postal_code": "94080"}, 73),
        ({"country": "US", "state": "NY", "postal_code": "10001"}, 0),
        ({"country": "JP"}, 0),
    ],
)
def test_the_rate_is_that_of_where_it_goes(api: stripe.StripeClient, address: dict[str, str], tax: int) -> None:
    assert calculate(api, 1000, address=address).line_items.data[0].amount_tax == tax


@pytest.mark.parametrize("override", ["customer_exempt", "reverse_charge"])
def test_who_is_relieved_pays_none(api: stripe.StripeClient, override: str) -> None:
    (line,) = calculate(api, 1000, customer={"taxability_override": override}).line_items.data
    assert (line.amount_tax, line.tax_breakdown[0].tax_rate_details) == (0, None)
    assert line.tax_breakdown[0].taxability_reason == override


def test_nowhere_is_no_address(api: stripe.StripeClient) -> None:
    error = refusal(lambda: calculate(api, 1000, address={"city": "Berlin"}))
    assert (error.http_status, error.code) == (400, "customer_tax_location_invalid")


def test_a_reference_is_taken_once_by_bookings_and_reversals_alike(api: stripe.StripeClient) -> None:
    calculation = calculate(api, 1000)
    booked = commit(api, calculation, "W1")
    assert (booked.type, booked.reference) == ("transaction", "W1")
    assert api.v1.tax.transactions.retrieve(booked.id).reference == "W1"
    for again in (lambda: commit(api, calculation, "W1"), lambda: reverse(api, booked, "W1")):
        error = refusal(again)
        assert (error.http_status, error.code, error.param) == (400, "resource_already_exists", "reference")


def test_what_is_unknown_cannot_be_booked_or_reversed(api: stripe.StripeClient, http: httpx.Client) -> None:
    answer = http.post(
        "/v1/tax/transactions/create_from_calculation", data={"calculation": "taxcalc_x", "reference": "W2"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "resource_missing")
    said = {"mode": "full", "original_transaction": "tax_x", "reference": "W2"}
    answer = http.post("/v1/tax/transactions/create_reversal", data=said)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "resource_missing")


def test_parts_go_back_until_nothing_is_left(api: stripe.StripeClient) -> None:
    booked = commit(api, calculate(api, 1000), "W3")
    part = reverse(api, booked, "W3-refund-1", mode="partial", flat_amount=-590)
    (line,) = api.v1.tax.transactions.retrieve(part.id, {"expand": ["line_items"]}).line_items.data
    assert (part.type, part.reversal.original_transaction, line.amount, line.amount_tax) == (
        "reversal",
        booked.id,
        -496,
        -94,
    )
    too_much = refusal(lambda: reverse(api, booked, "W3-refund-2", mode="partial", flat_amount=-601))
    assert too_much.param == "flat_amount"
    assert refusal(lambda: reverse(api, booked, "W3-refund-2", mode="partial", flat_amount=600)).http_status == 400
    reverse(api, booked, "W3-refund-2")
    assert "fully reversed" in str(refusal(lambda: reverse(api, booked, "W3-refund-3")))


def test_a_lost_answer_is_given_again_for_its_key(api: stripe.StripeClient, sandbox: RunningSandbox) -> None:
    calculation = calculate(api, 1000)
    sandbox.knob(effect="drop_answer", provider="stripe", method="POST", path="create_from_calculation$", times=1)
    wanted: Any = ({"calculation": calculation.id, "reference": "W4"}, {"idempotency_key": "tax-W4"})
    with pytest.raises(stripe.APIConnectionError):
        api.v1.tax.transactions.create_from_calculation(*wanted)
    assert api.v1.tax.transactions.create_from_calculation(*wanted).reference == "W4"


def test_it_can_be_away_like_all_else(api: stripe.StripeClient, sandbox: RunningSandbox) -> None:
    sandbox.knob(effect="unavailable", provider="stripe", path="^/v1/tax/calculations$", times=1)
    assert refusal(lambda: calculate(api, 1000)).http_status == 503
    assert calculate(api, 1000).amount_total == 1190
