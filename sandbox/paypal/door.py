"""Who may call the PayPal-like API, and how its keys repeat what they did."""

import base64
import binascii
import json
import secrets
import time
from collections.abc import Callable
from urllib.parse import parse_qs

from sandbox.calls import Answer, Call, Door, Handler
from sandbox.paypal.desk import Desk, Document
from sandbox.paypal.errors import Refusal, trouble

_TOKEN_SECONDS = 32_400


def issue_token(call: Call) -> Answer:
    """OAuth 2.0 client credentials, as at PayPal: https://developer.paypal.com/api/rest/authentication/"""
    expected = f"{call.config.paypal_client_id}:{call.config.paypal_client_secret}".encode()
    if not secrets.compare_digest(_credentials(call), expected):
        body = {"error": "invalid_client", "error_description": "Client Authentication failed"}
        return Answer(401, body, is_kept=False)
    token = secrets.token_urlsafe(48)
    Desk(call.sandbox).put("token", {"id": token, "expires": time.time() + _TOKEN_SECONDS})
    return Answer(
        200,
        {
            "scope": "https://uri.paypal.com/services/payments/payment",
            "access_token": token,
            "token_type": "Bearer",
            "app_id": "APP-SANDBOX",
            "expires_in": _TOKEN_SECONDS,
            "nonce": secrets.token_hex(8),
        },
        is_kept=False,
    )


def _credentials(call: Call) -> bytes:
    scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
    try:
        return base64.b64decode(encoded, validate=True) if scheme == "Basic" else b""
    except binascii.Error:
        return b""


def _guard(call: Call) -> None:
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    known = Desk(call.sandbox).find("token", token) if scheme == "Bearer" else None
    if not known or known["expires"] < time.time():
        raise Refusal("INVALID_TOKEN", status=401)


def _let_in(call: Call) -> None:
    """Nobody has to show anything."""


# Kept answers would repeat a 500 that an effect stood behind; PayPal repeats the effect's present state instead,
# which `repeatable` does.
API = Door(provider="paypal", guard=_guard, trouble=trouble, key=lambda _: "", key_seconds=0)
TOKENS = Door(provider="paypal", guard=_let_in, trouble=trouble, key=lambda _: "", key_seconds=0)
HELPERS = Door(provider="paypal helper", guard=_let_in, trouble=trouble, key=lambda _: "", key_seconds=0)

Verb = Callable[[Desk, Call], tuple[str, str]]
Render = Callable[[Desk, str, str], Answer]


def repeatable(name: str, verb: Verb, render: Render) -> Handler:
    """A POST that a `PayPal-Request-Id` makes happen once: repeated, it answers with what became of it.

    `verb` returns kind and id of what it made. Keys belong to one operation, whatever it is about.
    """

    def handle(call: Call) -> Answer:
        desk = Desk(call.sandbox)
        key = call.headers.get("paypal-request-id", "")
        known = desk.find("request", f"{name} {key}") if key else None
        if known:
            return render(desk, known["kind"], known["made"])
        kind, made = verb(desk, call)
        if key:
            desk.put("request", {"id": f"{name} {key}", "kind": kind, "made": made})
        answer = render(desk, kind, made)
        return Answer(201, answer.body) if answer.status == 200 else answer

    return handle


def body_of(call: Call) -> Document:
    try:
        body = json.loads(call.body or b"{}")
    except ValueError as problem:
        raise Refusal("MALFORMED_REQUEST_JSON", status=400) from problem
    if not isinstance(body, dict):
        raise Refusal("MALFORMED_REQUEST_JSON", status=400)
    return body


def query_of(call: Call) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(call.query).items()}
