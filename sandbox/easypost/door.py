"""Who may call the EasyPost-like API, and errors in its envelope: https://docs.easypost.com/docs/errors"""

import base64
import binascii
import secrets
from typing import Any

from sandbox.calls import Answer, Call, Door, Refused, Trouble


def failure(status: int, code: str, message: str, *errors: dict[str, Any]) -> Answer:
    return Answer(status, {"error": {"code": code, "message": message, "errors": list(errors)}})


def unprocessable(message: str, field: str) -> Refused:
    """What a shipment needs is not there."""
    error = {"field": field, "message": message, "suggestion": None}
    return Refused(failure(422, "SHIPMENT.INVALID_PARAMS", "Unable to create shipment.", error))


def guard(call: Call) -> None:
    """The API key is the name of HTTP Basic, without a password."""
    scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
    try:
        key = base64.b64decode(encoded, validate=True).partition(b":")[0] if scheme == "Basic" else b""
    except binascii.Error:
        key = b""
    if not secrets.compare_digest(key, call.config.easypost_api_key.encode()):
        raise Refused(failure(401, "UNAUTHORIZED", "The API key is not valid."))


def trouble(what: Trouble) -> Answer:
    """What a call meets before its handler."""
    status = {"rate_limited": 429, "unavailable": 503}.get(what, 500)
    code = "RATE_LIMITED" if status == 429 else "INTERNAL_SERVER_ERROR"
    return failure(status, code, "The request could not be served.")


DOOR = Door(provider="easypost", guard=guard, trouble=trouble, key=lambda _: "", key_seconds=0)
