"""A guest pays through the front door: at Stripe, at PayPal, and with a provider that is away."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from orders.models import Order
from orders.tests.factories import ADDRESS, buyable
from payments.models import Operation
from payments.tests.factories import broken_promises
from sandbox.testing import KEYS, RunningSandbox, start_sandbox
from tests.conftest import Processes

BACK = "http://127.0.0.1:9/paid"


@pytest.fixture
def sandbox(processes: Processes, tmp_path: Path) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path / "sandbox", shop_url=processes.url) as running:
        processes.environment |= running.environment
        running.webhooks(hold=True)  # no worker runs here: what is settled, the customer's return has settled
        processes.start("web")
        yield running


class Guest:
    """Somebody with a phone: places an order and knows its token."""

    def __init__(self, api: str) -> None:
        buyable("MUG", price="10.00")
        self.http = httpx.Client(base_url=api, timeout=30, trust_env=False)
        cart = self.post("/carts", {"items": [{"sku": "MUG", "quantity": 1}], "email": "guest@example.com",
                                    "shipping_address": dict(ADDRESS)}).json()  # fmt: skip
        self.http.headers["X-Cart-Token"] = cart["token"]
        order = self.post("/orders", {"cart": cart["id"]}).json()
        self.number = order["number"]
        self.http.headers["X-Order-Token"] = order["token"]

    def post(self, path: str, body: dict[str, Any], *, key: str = "") -> httpx.Response:
        return self.http.post(path, json=body, headers={"Idempotency-Key": key or uuid4().hex})

    def pay(self, provider: str, *, key: str = "") -> httpx.Response:
        return self.post(f"/orders/{self.number}/payments", {"provider": provider, "return_url": BACK}, key=key)

    def status(self) -> tuple[str, str]:
        order = self.http.get(f"/orders/{self.number}").json()
        return order["status"], order["payment_status"]


def at_stripe(sandbox: RunningSandbox, payment: dict[str, Any], method: str = "pm_card_visa") -> None:
    """What Stripe's own script does in the browser."""
    intent = payment["client_secret"].split("_secret_")[0]
    httpx.post(
        f"{sandbox.stripe_url}/v1/payment_intents/{intent}/confirm",
        data={"payment_method": method, "client_secret": payment["client_secret"]},
        headers={"Authorization": f"Bearer {KEYS['SANDBOX_STRIPE_PUBLISHABLE_KEY']}"},
        trust_env=False,
    )


def test_a_card_pays_the_order(sandbox: RunningSandbox, processes: Processes) -> None:
    guest = Guest(processes.api)
    payment = guest.pay("stripe").json()
    assert (payment["status"], payment["approve_url"]) == ("created", "")
    at_stripe(sandbox, payment)
    confirmed = guest.post(f"/payments/{payment['id']}/confirm", {})
    assert (confirmed.status_code, confirmed.json()["status"], confirmed.json()["client_secret"]) == (
        200,
        "captured",
        payment["client_secret"],
    )
    assert guest.status() == ("paid", "paid")
    assert broken_promises() == []


def test_paypal_pays_the_order(sandbox: RunningSandbox, processes: Processes) -> None:
    guest = Guest(processes.api)
    payment = guest.pay("paypal").json()
    token = payment["approve_url"].rsplit("token=", 1)[1]
    assert guest.post(f"/payments/{payment['id']}/confirm", {}).json()["status"] == "created"
    sandbox.ask("POST", f"/paypal/_test/orders/{token}/approve", {})
    assert guest.post(f"/payments/{payment['id']}/confirm", {}).json()["status"] == "captured"
    assert guest.status() == ("paid", "paid")
    assert broken_promises() == []


def test_a_request_whose_answer_got_lost_goes_on_with_the_same_key(
    sandbox: RunningSandbox, processes: Processes
) -> None:
    guest, key = Guest(processes.api), uuid4().hex
    sandbox.knob(effect="drop_answer", provider="stripe", method="POST", path="payment_intents$", times=1)
    first = guest.pay("stripe", key=key)
    assert (first.status_code, first.json()["code"]) == (503, "provider_unavailable")
    assert int(first.headers["Retry-After"]) >= 1
    again = guest.pay("stripe", key=key)
    assert (again.status_code, again.json()["status"]) == (201, "created")
    assert guest.pay("stripe", key=key).json() == again.json()
    assert Operation.objects.filter(kind="create").count() == 1


def test_a_slow_provider_keeps_nobody_from_browsing(sandbox: RunningSandbox, processes: Processes) -> None:
    guest = Guest(processes.api)
    sandbox.knob(effect="delay", provider="stripe", path="payment_intents", seconds=4)
    with ThreadPoolExecutor(8) as crowd:
        payers = [crowd.submit(guest.pay, "stripe") for _ in range(6)]
        time.sleep(0.5)
        browsed = [guest.http.get("/products").status_code for _ in range(20)]
        still_paying = [payer for payer in payers if not payer.done()]
        answers = [payer.result() for payer in payers]
    assert browsed == [200] * 20
    assert still_paying, "The provider answered before anybody could browse."
    assert {answer.status_code for answer in answers} <= {201, 503}
    assert guest.status() == ("pending", "unpaid")
    assert Order.objects.get().status == "pending"
