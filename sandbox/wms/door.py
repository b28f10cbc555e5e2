"""Who may speak, by signatures as in docs/wms.md, written here once more so that the shop is not checked by itself."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping

from sandbox.calls import Answer, Call, Door, Refused, Trouble
from sandbox.config import Config
from sandbox.wms.habits import habits_of

WINDOW_SECONDS = 300
MOUNT = "/wms"


def failure(status: int, code: str, detail: str) -> Answer:
    return Answer(status, {"code": code, "detail": detail})


def guard(call: Call) -> None:
    """Raises `Refused` while it is down, and for what the shop has not signed lately."""
    if habits_of(call.books).down:
        raise Refused(failure(503, "unavailable", "Closed for the moment."))
    query = f"?{call.query}" if call.query else ""
    said = f"{call.method} {MOUNT}{call.path}{query}\n".encode() + call.body
    message, stamp = call.headers.get("webhook-id", ""), call.headers.get("webhook-timestamp", "0")
    wanted = signature(call.config.wms_secret, message, stamp, said)
    is_fresh = stamp.isdigit() and abs(time.time() - int(stamp)) <= WINDOW_SECONDS
    is_known = call.headers.get("waybill-key-id", "") == call.config.wms_key_id
    if not (is_fresh and is_known and secrets.compare_digest(call.headers.get("webhook-signature", ""), wanted)):
        raise Refused(failure(401, "invalid_signature", "The signature does not fit."))


def signature(secret: str, message: str, stamp: str, said: bytes) -> str:
    digest = hmac.new(secret.encode(), f"{message}.{stamp}.".encode() + said, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def sign(config: Config, body: bytes) -> Mapping[str, str]:
    """The headers of a webhook: its id is the event's, so that a second sending is the same message."""
    message, stamp = str(json.loads(body)["id"]), str(int(time.time()))
    return {
        "Waybill-Key-Id": config.wms_key_id,
        "Webhook-Id": message,
        "Webhook-Timestamp": stamp,
        "Webhook-Signature": signature(config.wms_secret, message, stamp, body),
    }


def trouble(what: Trouble) -> Answer:
    """What a call meets before its handler."""
    status = {"rate_limited": 429, "unavailable": 503}.get(what, 500)
    return failure(status, what, "The request could not be served.")


# A key is looked for among the requests themselves, so that a repeated one never makes a second.
DOOR = Door(provider="wms", guard=guard, trouble=trouble, key=lambda _: "", key_seconds=0)
