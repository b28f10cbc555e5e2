"""Disputes: the customer's bank takes the money back until it is decided whose it is."""

import time

from sandbox.books import Document
from sandbox.calls import Answer, Call
from sandbox.stripe.errors import impossible
from sandbox.stripe.form import form_of, known
from sandbox.stripe.ledger import Ledger
from sandbox.stripe.lists import by_payment_intent, page

EVIDENCE_SECONDS = 9 * 24 * 60 * 60
ENDINGS = ("won", "lost", "warning_closed")


def open_dispute(
    ledger: Ledger, intent: Document, charge: Document, *, amount: int | None = None, reason: str = "fraudulent"
) -> Document:
    """The customer's bank disputes a captured charge, or a part of it."""
    disputed = amount or charge["amount_captured"]
    if not charge["captured"] or disputed > charge["amount_captured"]:
        raise impossible("Only what was captured can be disputed.", code="amount_too_large", param="amount")
    if open_disputes(ledger, intent["id"]):
        raise impossible("This charge is disputed already.", code="charge_disputed")
    now = int(time.time())
    dispute = {
        "id": ledger.books.next_id("du_"),
        "object": "dispute",
        "amount": disputed,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "evidence": {},
        "evidence_details": {"due_by": now + EVIDENCE_SECONDS, "has_evidence": False, "submission_count": 0},
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": intent["id"],
        "reason": reason,
        "status": "needs_response",
    }
    ledger.put(dispute, parent=intent["id"])
    ledger.put(charge | {"disputed": True})
    ledger.tell("charge.dispute.created", dispute)
    ledger.tell("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(ledger: Ledger, dispute: Document, status: str) -> Document:
    """The bank has decided. `status`: won, lost or warning_closed."""
    if status not in ENDINGS:
        raise impossible(f"Invalid status: must be one of {', '.join(ENDINGS)}", param="status")
    if dispute["status"] in ENDINGS:
        raise impossible("This dispute is already closed.")
    dispute["status"] = status
    ledger.put(dispute)
    ledger.tell("charge.dispute.closed", dispute)
    if status == "won":
        ledger.tell("charge.dispute.funds_reinstated", dispute)
    return dispute


def open_disputes(ledger: Ledger, intent_id: str) -> list[Document]:
    found = ledger.books.list("stripe.dispute", parent=intent_id)
    return [dispute for dispute in found if dispute["status"] not in ENDINGS]


def accept(call: Call) -> Answer:
    """POST /v1/disputes/{id}/close: the shop gives in."""
    known(form_of(call))
    ledger = Ledger(call.sandbox, call.headers.get("idempotency-key", ""))
    return Answer(200, close_dispute(ledger, ledger.get("dispute", call.ids["id"]), "lost"))


def list_all(call: Call) -> Answer:
    return page(call, kind="dispute", filters=("charge", "payment_intent"), parent=by_payment_intent)
