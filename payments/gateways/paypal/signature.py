"""Whether PayPal sent a webhook: https://developer.paypal.com/api/rest/webhooks/rest/#link-selfverificationmethod"""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from django.utils import timezone

from payments.gateways.base import BadSignature, Declined
from payments.gateways.paypal.certificates import certificate_at
from payments.gateways.paypal.client import PayPalClient

_CLOCKS_DIFFER = timedelta(minutes=5)
_ALGORITHM = "SHA256withRSA"


@dataclass(frozen=True, slots=True)
class Transmission:
    """The headers of one webhook."""

    id: str
    time: str
    signature: str
    certificate_url: str
    algorithm: str

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Transmission":
        """Raises `BadSignature` when one is missing."""
        given = {name.lower(): value for name, value in headers.items()}
        names = ("transmission-id", "transmission-time", "transmission-sig", "cert-url", "auth-algo")
        values = [given.get(f"paypal-{name}", "") for name in names]
        if not all(values):
            raise BadSignature("A header of the signature is missing.")
        return cls(*values)


def check_signature(headers: Mapping[str, str], body: bytes, *, client: PayPalClient) -> None:
    """By certificate or by asking PayPal, as the settings say.

    Raises `BadSignature`, and `Unclear` when the certificate or PayPal cannot be reached: PayPal then sends it again.
    """
    transmission = Transmission.of(headers)
    _check_time(transmission.time)
    if transmission.algorithm != _ALGORITHM:
        raise BadSignature("Another algorithm than is expected.")
    if settings.PAYPAL_WEBHOOK_VERIFICATION == "call":
        _ask(transmission, body, client)
    else:
        _check_here(transmission, body)


def _check_time(text: str) -> None:
    """PayPal repeats an event for three days, so that long it is welcome; its id is taken only once."""
    try:
        sent_at = datetime.fromisoformat(text)
    except ValueError as problem:
        raise BadSignature("The time is none.") from problem
    age = timezone.now() - (sent_at if sent_at.tzinfo else sent_at.replace(tzinfo=UTC))
    if age > timedelta(seconds=settings.PAYPAL_WEBHOOK_TOLERANCE_SECONDS) or age < -_CLOCKS_DIFFER:
        raise BadSignature("It was not sent recently.")


def _check_here(transmission: Transmission, body: bytes) -> None:
    key = certificate_at(transmission.certificate_url).public_key()
    if not isinstance(key, RSAPublicKey):
        raise BadSignature("The certificate has no RSA key.")
    signed = f"{transmission.id}|{transmission.time}|{settings.PAYPAL_WEBHOOK_ID}|{zlib.crc32(body)}"
    try:
        key.verify(base64.b64decode(transmission.signature, validate=True), signed.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError) as problem:
        raise BadSignature("The signature does not fit.") from problem


def _ask(transmission: Transmission, body: bytes, client: PayPalClient) -> None:
    fields = {
        "auth_algo": transmission.algorithm,
        "cert_url": transmission.certificate_url,
        "transmission_id": transmission.id,
        "transmission_sig": transmission.signature,
        "transmission_time": transmission.time,
        "webhook_id": settings.PAYPAL_WEBHOOK_ID,
    }
    try:
        json.loads(body)
        # The event goes back byte for byte: PayPal computes the checksum over what it gets.
        question = json.dumps(fields).encode()[:-1] + b', "webhook_event": ' + body + b"}"
        answer = client.post("/v1/notifications/verify-webhook-signature", question)
    except (ValueError, RecursionError, Declined) as problem:
        raise BadSignature("PayPal could not read it.") from problem
    if answer.get("verification_status") != "SUCCESS":
        raise BadSignature("PayPal did not send it.")
