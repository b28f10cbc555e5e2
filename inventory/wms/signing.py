"""Signatures of both directions, as Standard Webhooks has them: https://github.com/standard-webhooks/standard-webhooks

HMAC-SHA256 over `id.timestamp.body`, in base64 behind `v1,`; several with blanks between them while a secret is being
rotated. A request of ours has its method and its path where the body begins, so that no signature fits another call.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence

from inventory.wms.base import BadSignature

ID, TIMESTAMP, SIGNATURE, KEY = "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature", "Waybill-Key-Id"
LONGEST_ID = 200


def signed(*, key_id: str, secret: str, message_id: str, said: bytes) -> dict[str, str]:
    """The headers that go with what is said."""
    stamp = str(int(time.time()))
    return {KEY: key_id, ID: message_id, TIMESTAMP: stamp, SIGNATURE: _sign(secret, message_id, stamp, said)}


def check(headers: Mapping[str, str], said: bytes, *, secrets: Sequence[str], window: int) -> str:
    """The id of the message. Raises `BadSignature` for what none of the secrets signed within so many seconds."""
    given = {name.lower(): value for name, value in headers.items()}
    message_id, stamp = given.get(ID.lower(), ""), given.get(TIMESTAMP.lower(), "")
    if not message_id or len(message_id) > LONGEST_ID or not message_id.isprintable():
        raise BadSignature("It has no id.")
    if not (stamp.isascii() and stamp.isdigit()) or abs(time.time() - int(stamp[:12])) > window:
        raise BadSignature("It was signed too long ago.")
    found = given.get(SIGNATURE.lower(), "").encode().split()
    wanted = [_sign(secret, message_id, stamp, said).encode() for secret in secrets]
    if not any(hmac.compare_digest(one, other) for one in found for other in wanted):
        raise BadSignature("Nobody we know has signed it.")
    return message_id


def _sign(secret: str, message_id: str, stamp: str, said: bytes) -> str:
    digest = hmac.new(secret.encode(), f"{message_id}.{stamp}.".encode() + said, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
