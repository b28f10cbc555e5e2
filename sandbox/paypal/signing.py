"""How PayPal signs a webhook, and answers whether it did:
https://developer.paypal.com/api/rest/webhooks/rest/#link-selfverificationmethod
"""

import base64
import json
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from sandbox.paypal.certificates import Certificate
from sandbox.paypal.desk import now, text

ALGORITHM = "SHA256withRSA"
_EVENT = b'"webhook_event"'


@dataclass(frozen=True, slots=True)
class Signer:
    certificate: Certificate
    certificate_url: str
    webhook_id: str

    def headers(self, body: bytes) -> Mapping[str, str]:
        """The headers that go with this body."""
        transmission_id, time = str(uuid.uuid4()), text(now())
        signature = self.certificate.key.sign(
            signed(transmission_id, time, self.webhook_id, body), PKCS1v15(), SHA256()
        )
        return {
            "PAYPAL-TRANSMISSION-ID": transmission_id,
            "PAYPAL-TRANSMISSION-TIME": time,
            "PAYPAL-TRANSMISSION-SIG": base64.b64encode(signature).decode(),
            "PAYPAL-CERT-URL": self.certificate_url,
            "PAYPAL-AUTH-ALGO": ALGORITHM,
        }

    def has_signed(self, question: bytes) -> bool:
        """The body of verify-webhook-signature, whose event counts byte for byte."""
        fields: dict[str, Any] = json.loads(question)
        event = question[question.index(_EVENT) + len(_EVENT) :].lstrip(b" :").rstrip()[:-1].rstrip()
        message = signed(fields["transmission_id"], fields["transmission_time"], fields["webhook_id"], event)
        key = self.certificate.key.public_key()
        try:
            signature = base64.b64decode(fields["transmission_sig"])
            key.verify(signature, message, PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            return False
        return bool(fields["webhook_id"] == self.webhook_id)


def signed(transmission_id: str, time: str, webhook_id: str, body: bytes) -> bytes:
    return f"{transmission_id}|{time}|{webhook_id}|{zlib.crc32(body)}".encode()
