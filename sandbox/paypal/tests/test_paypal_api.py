"""The stand-in keeps PayPal's promises: each key once, no money twice, nothing lost in a crash."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.paypal.desk import in_days
from sandbox.paypal.tests.client import Client, order_body
from sandbox.testing import RunningSandbox, start_sandbox

AT_ONCE = 20


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path_factory.mktemp("sandbox"), shop_url="") as running:
        yield running


@pytest.fixture(scope="module")
def client(sandbox: RunningSandbox) -> Client:
    return Client(sandbox)


def issue(answer: tuple[int, Any]) -> tuple[int, str]:
    status, document = answer
    return status, document["details"][0]["issue"]


def euros(amount: str) -> dict[str, Any]:
    return {"amount": {"currency_code": "EUR", "value": amount}}


def test_without_a_token_nobody_is_let_in(sandbox: RunningSandbox) -> None:
    with httpx.Client(base_url=sandbox.paypal_url, trust_env=False) as nobody:
        assert nobody.post("/v2/checkout/orders", json={}).status_code == 401
        assert nobody.post("/v1/oauth2/token", auth=("sandbox-client", "wrong")).status_code == 401


def test_a_key_makes_one_order(client: Client) -> None:
    first, second = (client.post("/v2/checkout/orders", order_body("5.00"), key="same order") for _ in range(2))
    assert (first[0], second[0]) == (201, 200)
    assert first[1] == second[1]


def test_a_repeated_key_shows_the_present_state(client: Client) -> None:
    capture = client.captured()
    refund = client.post(f"/v2/payments/captures/{capture}/refund", euros("5.00"), key="same refund")[1]
    again = client.post(f"/v2/payments/captures/{capture}/refund", euros("5.00"), key="same refund")
    assert again == (200, refund)
    assert client.get(f"/v2/payments/captures/{capture}")["status"] == "PARTIALLY_REFUNDED"


def test_an_order_is_captured_once(client: Client) -> None:
    order = client.order()
    assert client.post(f"/v2/checkout/orders/{order}/capture")[0] == 201
    assert issue(client.post(f"/v2/checkout/orders/{order}/capture")) == (422, "ORDER_ALREADY_CAPTURED")


def test_an_order_that_nobody_approved_is_not_captured(client: Client) -> None:
    order = client.post("/v2/checkout/orders", order_body("5.00"))[1]["id"]
    assert issue(client.post(f"/v2/checkout/orders/{order}/capture")) == (422, "ORDER_NOT_APPROVED")


def test_an_invoice_is_paid_once(client: Client) -> None:
    paid, other = (client.order(invoice_id="W-1") for _ in range(2))
    assert client.post(f"/v2/checkout/orders/{paid}/capture")[0] == 201
    assert issue(client.post(f"/v2/checkout/orders/{other}/capture")) == (422, "DUPLICATE_INVOICE_ID")


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0.00", (422, "CANNOT_BE_ZERO_OR_NEGATIVE")),
        ("5.005", (422, "DECIMAL_PRECISION")),
        ("-5.00", (400, "INVALID_PARAMETER_SYNTAX")),
        ("", (400, "INVALID_PARAMETER_SYNTAX")),
    ],
)
def test_amounts_that_are_none_are_refused(client: Client, amount: str, expected: tuple[int, str]) -> None:
    assert issue(client.post("/v2/checkout/orders", order_body(amount))) == expected


def test_twenty_captures_at_once_take_the_money_once(client: Client) -> None:
    order = client.order()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: client.post(f"/v2/checkout/orders/{order}/capture")[0], range(AT_ONCE)))
    assert Counter(answers) == {201: 1, 422: AT_ONCE - 1}
    assert len(payments(client, order)["captures"]) == 1


def test_twenty_refunds_at_once_give_back_no_more_than_was_taken(client: Client) -> None:
    capture = client.captured("50.00")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(
            pool.map(lambda _: client.post(f"/v2/payments/captures/{capture}/refund", euros("7.00"))[0], range(AT_ONCE))
        )
    assert Counter(answers) == {201: 7, 422: AT_ONCE - 7}
    order = client.get(f"/v2/payments/captures/{capture}")["supplementary_data"]["related_ids"]["order_id"]
    assert sum(Decimal(refund["amount"]["value"]) for refund in payments(client, order)["refunds"]) == Decimal("49.00")


def test_twenty_repetitions_at_once_of_one_key_are_one_refund(client: Client) -> None:
    path = f"/v2/payments/captures/{client.captured()}/refund"
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: client.post(path, euros("7.00"), key="one"), range(AT_ONCE)))
    assert {status for status, _ in answers} == {200, 201}
    assert len({document["id"] for _, document in answers}) == 1


def test_twenty_captures_at_once_never_exceed_what_is_held(client: Client) -> None:
    order = client.order("50.00", intent="AUTHORIZE")
    held = client.post(f"/v2/checkout/orders/{order}/authorize")[1]["purchase_units"][0]["payments"]
    path = f"/v2/payments/authorizations/{held['authorizations'][0]['id']}/capture"
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: client.post(path, euros("7.00"))[0], range(AT_ONCE)))
    assert Counter(answers) == {201: 7, 422: AT_ONCE - 7}


def test_a_void_authorisation_cannot_be_captured_nor_voided_again(client: Client) -> None:
    order = client.order(intent="AUTHORIZE")
    held = client.post(f"/v2/checkout/orders/{order}/authorize")[1]["purchase_units"][0]["payments"]
    path = f"/v2/payments/authorizations/{held['authorizations'][0]['id']}"
    assert client.post(f"{path}/void") == (204, None)
    assert issue(client.post(f"{path}/capture")) == (422, "AUTHORIZATION_VOIDED")
    assert issue(client.post(f"{path}/void")) == (422, "PREVIOUSLY_VOIDED")


def test_a_crash_loses_nothing(sandbox: RunningSandbox, client: Client) -> None:
    order = client.order()
    certificate = client.http.get("/v1/notifications/certs/CERT-sandbox").content
    sandbox.knob(effect="drop_answer", provider="paypal", method="POST", path="/capture$", times=1)
    with pytest.raises(httpx.TransportError):
        client.post(f"/v2/checkout/orders/{order}/capture", key="before the crash")
    sandbox.kill()
    sandbox.start()
    status, found = client.post(f"/v2/checkout/orders/{order}/capture", key="before the crash")
    assert (status, found["status"]) == (200, "COMPLETED")
    assert client.http.get("/v1/notifications/certs/CERT-sandbox").content == certificate


def test_the_report_comes_in_pages(client: Client) -> None:
    window = {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-01-31T00:00:00Z"}
    assert client.get("/v1/reporting/transactions", **window)["transaction_details"] == []
    client.captured()
    now = client.get("/v1/reporting/transactions", **around_now(), page_size="1")
    assert (len(now["transaction_details"]), now["total_pages"]) == (1, now["total_items"])
    too_long = {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-02-15T00:00:00Z"}
    assert client.http.get("/v1/reporting/transactions", params=too_long).status_code == 400


@pytest.mark.parametrize(
    ("button", "leads_to", "status"),
    [
        ("approve", "http://shop.example/back?order=7&token={id}&PayerID=SANDBOXPAYER1", "APPROVED"),
        ("cancel", "http://shop.example/cancelled?token={id}", "PAYER_ACTION_REQUIRED"),
    ],
)
def test_the_page_asks_the_customer_and_leads_back(client: Client, button: str, leads_to: str, status: str) -> None:
    order = client.post("/v2/checkout/orders", order_body("5.00", description="<b>Order 7</b>"))[1]
    (page,) = (link["href"] for link in order["links"] if link["rel"] == "payer-action")
    shown = client.http.get(page)
    assert "&lt;b&gt;Order 7" in shown.text
    assert ">Approve<" in shown.text
    answer = client.http.post(page, data={"button": button, "funding": ""})
    assert (answer.status_code, answer.headers["Location"]) == (303, leads_to.format(id=order["id"]))
    assert client.get(f"/v2/checkout/orders/{order['id']}")["status"] == status


def payments(client: Client, order: str) -> Any:
    return client.get(f"/v2/checkout/orders/{order}")["purchase_units"][0]["payments"]


def around_now() -> dict[str, str]:
    return {"start_date": in_days(-1), "end_date": in_days(1)}
