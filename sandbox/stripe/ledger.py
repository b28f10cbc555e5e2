"""Stripe's book: its objects by kind, and the event that tells each change."""

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.books import Books, Document
from sandbox.calls import Call, Sandbox
from sandbox.stripe.errors import missing

VERSION = "2026-10-28.endive"
KIND_OF_PREFIX = {
    "pi": "payment_intent",
    "ch": "charge",
    "re": "refund",
    "du": "dispute",
    "evt": "event",
}


@dataclass(frozen=True)
class Ledger:
    """The book within one call; `key` is what events name as their cause."""

    sandbox: Sandbox
    key: str = ""

    @property
    def books(self) -> Books:
        return self.sandbox.books

    def get(self, kind: str, id: str) -> Document:  # noqa: A002
        """Raises the 404 of an address that leads nowhere."""
        found = self.books.get(f"stripe.{kind}", id)
        if found is None:
            raise missing(kind, id)
        return found

    def put(self, document: Document, *, parent: str = "") -> Document:
        return self.books.put(f"stripe.{document['object']}", document["id"], document, parent=parent)

    def charge_of(self, intent: Document) -> Document | None:
        return self.books.get("stripe.charge", intent["latest_charge"] or "")

    def tell(self, type: str, document: Document) -> None:  # noqa: A002
        """Keep an event and send it: `document` as it is now."""
        event = {
            "id": self.books.next_id("evt_"),
            "object": "event",
            "api_version": VERSION,
            "created": int(time.time()),
            "data": {"object": document},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": self.key or None},
            "type": type,
        }
        self.sandbox.webhooks.send("stripe", event)


def ledger_of(call: Call) -> Ledger:
    return Ledger(call.sandbox, call.headers.get("idempotency-key", ""))


def signature(secret: str, body: bytes) -> Mapping[str, str]:
    """https://docs.stripe.com/webhooks#verify-manually"""
    moment = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={moment},v1={digest}"}


def expanded(ledger: Ledger, document: Any, paths: list[str]) -> Any:
    """The document with ids replaced by what they name: `latest_charge`, `latest_charge.refunds`, `data.charge`."""
    for path in paths:
        first, _, rest = path.partition(".")
        document = with_expanded(ledger, document, first, [rest] if rest else [])
    return document


def with_expanded(ledger: Ledger, document: Any, name: str, rest: list[str]) -> Any:
    if isinstance(document, list):
        return [with_expanded(ledger, each, name, rest) for each in document]
    value = document.get(name) if isinstance(document, dict) else None
    if name == "refunds" and value is None and document.get("object") == "charge":
        value = refunds_of(ledger, document)
    if isinstance(value, str):
        kind = KIND_OF_PREFIX.get(value.partition("_")[0], "")
        value = ledger.books.get(f"stripe.{kind}", value) or value
    if value is None:
        return document
    if isinstance(value, list):
        return {**document, name: [expanded(ledger, each, rest) for each in value]}
    return {**document, name: expanded(ledger, value, rest)}


def refunds_of(ledger: Ledger, charge: Document) -> Document:
    found = ledger.books.list("stripe.refund", parent=charge["payment_intent"], limit=11)
    refunds = [refund for refund in found if refund["charge"] == charge["id"]]
    url = f"/v1/charges/{charge['id']}/refunds"
    return {"object": "list", "data": refunds[:10], "has_more": len(refunds) > 10, "url": url}
