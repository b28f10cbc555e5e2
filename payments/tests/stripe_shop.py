"""A shop with keys for Stripe; its customers; and events as Stripe sends and signs them."""

import hmac
import json
import time
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import httpx

from payments.gateways.base import Money, Request, Snapshot
from payments.gateways.registry import gateway_of
from payments.gateways.stripe import StripeGateway
from sandbox.testing import KEYS, RunningSandbox

TWENTY = Money(Decimal("20.00"), "EUR")
SECRET, OTHER_SECRET = "whsec_of_this_test", "whsec_of_the_next_month"
# Where nobody answers: for what needs no provider.
NOWHERE = "http://127.0.0.1:9"
# Plain HTTP: what a client would need for TLS is not worth the time it takes to load.
HTTP = httpx.Client(trust_env=False, verify=False)


def with_stripe(settings: Any, sandbox: RunningSandbox | None = None, **more: Any) -> StripeGateway:
    """Give the shop the keys to this sandbox, or to nowhere, and return the gateway that uses them."""
    given = {"STRIPE_API_URL": NOWHERE, "STRIPE_SECRET_KEY": "sk_of_this_test", "STRIPE_WEBHOOK_SECRETS": [SECRET]}
    if sandbox:
        given = sandbox.settings
    settings.PAYMENT_GATEWAYS = {"stripe": "payments.gateways.stripe.StripeGateway"}
    for name, value in (given | more).items():
        setattr(settings, name, value)
    gateway_of.cache_clear()
    gateway = gateway_of("stripe")
    assert isinstance(gateway, StripeGateway)
    return gateway


def asked(
    *,
    money: Money = TWENTY,
    capture_at_once: bool = True,
    payment_id: UUID | None = None,
    key: str = "",
) -> Request:
    """A request to pay for order W1000001 that nobody has made before."""
    return Request(
        payment_id=payment_id or uuid4(),
        order_number="W1000001",
        money=money,
        capture_at_once=capture_at_once,
        return_url="",
        key=key or uuid4().hex,
    )


def pay(sandbox: RunningSandbox, opened: Snapshot, method: str = "pm_card_visa") -> None:
    """What the customer's browser does: it knows the public key and the payment's own secret."""
    HTTP.post(
        f"{sandbox.stripe_url}/v1/payment_intents/{opened.reference}/confirm",
        data={"payment_method": method, "client_secret": opened.client_secret},
        headers={"Authorization": f"Bearer {KEYS['SANDBOX_STRIPE_PUBLISHABLE_KEY']}"},
    )


def at_stripe(sandbox: RunningSandbox, method: str, path: str, **said: Any) -> dict[str, Any]:
    """What somebody does in Stripe's dashboard, past the shop."""
    way = {"params": said} if method == "GET" else {"data": said}
    headers = {"Authorization": f"Bearer {KEYS['SANDBOX_STRIPE_SECRET_KEY']}"}
    answer = HTTP.request(method, f"{sandbox.stripe_url}{path}", headers=headers, **way)
    answer.raise_for_status()
    document: dict[str, Any] = answer.json()
    return document


def event(
    name: str = "payment_intent.succeeded", *, about: dict[str, Any] | None = None, event_id: str = "evt_1"
) -> bytes:
    said = about or {"id": "pi_1", "object": "payment_intent"}
    return json.dumps({"id": event_id, "object": "event", "type": name, "data": {"object": said}}).encode()


def signature(body: bytes, *, secret: str = SECRET, age: int = 0, scheme: str = "v1") -> str:
    """The header as https://docs.stripe.com/webhooks describes it, not by the code that checks it."""
    at = int(time.time()) - age
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    return f"t={at},{scheme}={signed}"
