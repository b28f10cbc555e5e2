"""Webhooks as the sandbox delivers them: who signed, when, and what they are about."""

import base64
import json
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.utils import timezone

from payments.gateways.base import BadSignature, Notice, Unclear
from payments.gateways.paypal import PayPalGateway
from payments.tests.paypal_shop import eur, gateway_to, help_with, key, paid, request
from sandbox.testing import RunningSandbox, start_sandbox

Delivery = tuple[dict[str, str], bytes]


class Listener(ThreadingHTTPServer):
    """The shop's door: keeps what is delivered."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        super().__init__(("127.0.0.1", 0), Door)

    def next(self, name: str, *, about: str) -> Delivery:
        """The delivery of this event about this object."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for headers, body in self.deliveries:
                event = json.loads(body)
                if event["event_type"] == name and about in body.decode():
                    return headers, body
            time.sleep(0.02)
        raise TimeoutError(name)


class Door(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.deliveries.append((dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
        """Silent."""


@pytest.fixture(scope="module")
def shop() -> Iterator[Listener]:
    with Listener() as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        yield listener
        listener.shutdown()


@pytest.fixture(scope="module")
def sandbox(shop: Listener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    home = tmp_path_factory.mktemp("sandbox")
    with start_sandbox(home=home, shop_url=f"http://127.0.0.1:{shop.server_port}") as running:
        yield running


@pytest.fixture
def gateway(sandbox: RunningSandbox, settings: Any) -> PayPalGateway:
    return gateway_to(sandbox, settings)


@pytest.fixture
def delivery(gateway: PayPalGateway, sandbox: RunningSandbox, shop: Listener) -> Delivery:
    taken = paid(sandbox, gateway)
    return shop.next("PAYMENT.CAPTURE.COMPLETED", about=taken.captures[0].reference)


def refused(gateway: PayPalGateway, headers: dict[str, str], body: bytes) -> str:
    with pytest.raises(BadSignature) as problem:
        gateway.verify(headers, body)
    return str(problem.value)


@pytest.fixture(params=["certificate", "call"])
def way(request: pytest.FixtureRequest, settings: Any) -> str:
    settings.PAYPAL_WEBHOOK_VERIFICATION = request.param
    return str(request.param)


def test_a_capture_names_its_order(way: str, gateway: PayPalGateway, sandbox: RunningSandbox, shop: Listener) -> None:
    taken = paid(sandbox, gateway)
    capture_id = taken.captures[0].reference
    headers, body = shop.next("PAYMENT.CAPTURE.COMPLETED", about=capture_id)
    event_id = json.loads(body)["id"]
    notice = gateway.verify(headers, body)
    assert notice == Notice(event_id, "PAYMENT.CAPTURE.COMPLETED", taken.reference, capture_id)


def test_an_approval_names_its_order(gateway: PayPalGateway, sandbox: RunningSandbox, shop: Listener) -> None:
    taken = paid(sandbox, gateway)
    notice = gateway.verify(*shop.next("CHECKOUT.ORDER.APPROVED", about=taken.reference))
    assert notice is not None
    assert (notice.payment_reference, notice.object_id) == (taken.reference, taken.reference)


def test_an_authorisation_names_its_order(gateway: PayPalGateway, sandbox: RunningSandbox, shop: Listener) -> None:
    held = paid(sandbox, gateway, request(capture_at_once=False))
    gateway.void(held.reference, key=key())
    for name in ("PAYMENT.AUTHORIZATION.CREATED", "PAYMENT.AUTHORIZATION.VOIDED"):
        notice = gateway.verify(*shop.next(name, about=held.reference))
        assert notice is not None
        assert notice.payment_reference == held.reference


def test_a_refund_names_its_capture(gateway: PayPalGateway, sandbox: RunningSandbox, shop: Listener) -> None:
    taken = paid(sandbox, gateway)
    refund = gateway.refund(taken.reference, eur("5.00"), refund_id=7, reason="x", key=key()).refunds[0]
    notice = gateway.verify(*shop.next("PAYMENT.CAPTURE.REFUNDED", about=refund.reference))
    assert notice is not None
    assert notice.payment_reference == f"capture:{taken.captures[0].reference}"
    assert notice.object_id == refund.reference
    assert gateway.look_up(notice.payment_reference).reference == taken.reference


def test_a_dispute_names_its_capture(gateway: PayPalGateway, sandbox: RunningSandbox, shop: Listener) -> None:
    capture_id = paid(sandbox, gateway).captures[0].reference
    dispute = help_with(sandbox, f"captures/{capture_id}/dispute")["dispute_id"]
    help_with(sandbox, f"disputes/{dispute}/close", outcome="RESOLVED_BUYER_FAVOUR")
    for name in ("CUSTOMER.DISPUTE.CREATED", "CUSTOMER.DISPUTE.RESOLVED"):
        notice = gateway.verify(*shop.next(name, about=dispute))
        assert notice is not None
        assert (notice.payment_reference, notice.object_id) == (f"capture:{capture_id}", dispute)


def test_another_body_than_was_signed_is_refused(way: str, gateway: PayPalGateway, delivery: Delivery) -> None:
    headers, body = delivery
    refused(gateway, headers, body.replace(b"50.00", b"90.00"))


def test_another_webhook_of_the_same_account_is_refused(
    way: str, gateway: PayPalGateway, delivery: Delivery, settings: Any
) -> None:
    settings.PAYPAL_WEBHOOK_ID = "WH-OF-ANOTHER-SHOP"
    refused(gateway, *delivery)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("http://127.0.0.1", "http://localhost"),
        ("http://127.0.0.1:", "http://127.0.0.1.evil.example:"),
        ("http://", "http://api.paypal.com@"),
        ("/certs/", "/certs/../"),
        ("/v1/notifications/certs/", "/checkoutnow/"),
        ("CERT-", "CERT-x?y="),
    ],
)
def test_a_certificate_elsewhere_is_not_fetched(gateway: PayPalGateway, delivery: Delivery, old: str, new: str) -> None:
    headers, body = delivery
    url = {name: value.replace(old, new) for name, value in headers.items() if name.lower() == "paypal-cert-url"}
    assert "The certificate is not" in refused(gateway, headers | url, body)


def test_a_listed_host_still_needs_tls(gateway: PayPalGateway, delivery: Delivery, settings: Any) -> None:
    settings.PAYPAL_CERTIFICATE_HOSTS = ["api.paypal.com"]
    headers, body = delivery
    url = {"paypal-cert-url": "http://api.paypal.com/v1/notifications/certs/CERT-1"}
    kept = {name: value for name, value in headers.items() if name.lower() != "paypal-cert-url"}
    assert refused(gateway, kept | url, body) == "The certificate is not at PayPal."


def test_a_foreign_authority_is_refused(
    gateway: PayPalGateway, delivery: Delivery, settings: Any, tmp_path: Path
) -> None:
    with start_sandbox(home=tmp_path, shop_url=""):
        """It has an authority of its own."""
    settings.PAYPAL_CERTIFICATE_ROOTS = str(tmp_path / "ca.pem")
    assert refused(gateway, *delivery) == "The certificate is not PayPal's."


def test_the_authorities_of_browsers_do_not_vouch_for_the_sandbox(
    gateway: PayPalGateway, delivery: Delivery, settings: Any
) -> None:
    settings.PAYPAL_CERTIFICATE_ROOTS = ""
    assert refused(gateway, *delivery) == "The certificate is not PayPal's."


def test_a_missing_header_is_refused(way: str, gateway: PayPalGateway, delivery: Delivery) -> None:
    headers, body = delivery
    for missing in [name for name in headers if name.lower().startswith("paypal-")]:
        rest = {name: value for name, value in headers.items() if name != missing}
        assert refused(gateway, rest, body) == "A header of the signature is missing."


@pytest.mark.parametrize(("age", "is_welcome"), [(timedelta(days=3), True), (timedelta(days=5), False)])
def test_what_was_signed_long_ago_is_refused(
    way: str, gateway: PayPalGateway, delivery: Delivery, sandbox: RunningSandbox, age: timedelta, is_welcome: bool
) -> None:
    headers, body = delivery
    signed_then = sign_at(sandbox, timezone.now() - age, body)
    then = {name: value for name, value in headers.items() if name.lower() not in signed_then} | signed_then
    if is_welcome:
        assert gateway.verify(then, body) is not None
    else:
        assert refused(gateway, then, body) == "It was not sent recently."


def test_what_comes_from_the_future_is_refused(
    gateway: PayPalGateway, delivery: Delivery, sandbox: RunningSandbox
) -> None:
    headers, body = delivery
    ahead = sign_at(sandbox, timezone.now() + timedelta(hours=1), body)
    kept = {name: value for name, value in headers.items() if name.lower() not in ahead}
    assert refused(gateway, kept | ahead, body) == "It was not sent recently."


def test_an_unknown_kind_of_event_is_nothing_to_us(
    gateway: PayPalGateway, delivery: Delivery, sandbox: RunningSandbox
) -> None:
    headers, _ = delivery
    body = json.dumps({"id": "WH-1", "event_type": "BILLING.PLAN.CREATED", "resource": {}}).encode()
    now = sign_at(sandbox, timezone.now(), body)
    kept = {name: value for name, value in headers.items() if name.lower() not in now}
    assert gateway.verify(kept | now, body) is None


@pytest.mark.parametrize("body", [b"{}", b"[]", b"no", b'{"id": 1, "event_type": "PAYMENT.CAPTURE.X", "resource": 1}'])
def test_a_signed_body_that_is_no_event_is_refused(
    gateway: PayPalGateway, delivery: Delivery, sandbox: RunningSandbox, body: bytes
) -> None:
    now = sign_at(sandbox, timezone.now(), body)
    kept = {name: value for name, value in delivery[0].items() if name.lower() not in now}
    assert refused(gateway, kept | now, body) == "The body is not an event."


def test_a_certificate_that_cannot_be_fetched_leaves_it_open(
    gateway: PayPalGateway, delivery: Delivery, settings: Any
) -> None:
    headers, body = delivery
    settings.PAYPAL_CERTIFICATE_HOSTS = ["127.0.0.1:9"]
    url = {"paypal-cert-url": "http://127.0.0.1:9/paypal/v1/notifications/certs/CERT-1"}
    kept = {name: value for name, value in headers.items() if name.lower() != "paypal-cert-url"}
    with pytest.raises(Unclear):
        gateway.verify(kept | url, body)


def sign_at(sandbox: RunningSandbox, moment: datetime, body: bytes) -> dict[str, str]:
    """The headers of an honest signature of that time, as PayPal describes it:
    https://developer.paypal.com/api/rest/webhooks/rest/
    """
    at = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    message = f"t-1|{at}|{sandbox.settings['PAYPAL_WEBHOOK_ID']}|{zlib.crc32(body)}".encode()
    private = load_pem_private_key((sandbox.home / "paypal.key").read_bytes(), password=None)
    assert isinstance(private, RSAPrivateKey)
    return {
        "paypal-transmission-id": "t-1",
        "paypal-transmission-time": at,
        "paypal-transmission-sig": base64.b64encode(private.sign(message, PKCS1v15(), SHA256())).decode(),
    }
