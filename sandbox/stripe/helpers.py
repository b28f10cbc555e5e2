"""What tests and the pages do in the place of customers, banks and time itself. JSON in, the changed object out."""

import json
import time
from typing import Any

from sandbox.books import Document
from sandbox.calls import Answer, Call
from sandbox.stripe import charges
from sandbox.stripe.cards import card as card_named
from sandbox.stripe.clock import due
from sandbox.stripe.confirm import authenticate
from sandbox.stripe.disputes import close_dispute, open_dispute, open_disputes
from sandbox.stripe.errors import impossible, invalid
from sandbox.stripe.ledger import Ledger, ledger_of
from sandbox.stripe.refunds import end


def wishes(call: Call) -> dict[str, Any]:
    try:
        found = json.loads(call.body or b"{}")
    except ValueError as error:
        raise invalid(f"The body is no JSON: {error}") from None
    return dict(found)


def intent_of(call: Call, ledger: Ledger) -> Document:
    return ledger.get("payment_intent", call.ids["id"])


def dispute(call: Call) -> Answer:
    """{"amount"?, "reason"?}: the customer's bank takes the money back."""
    ledger, wanted = ledger_of(call), wishes(call)
    intent = intent_of(call, ledger)
    charge = ledger.charge_of(intent)
    if not charge:
        raise impossible("Nothing was paid yet.")
    reason = wanted.get("reason", "fraudulent")
    return Answer(200, open_dispute(ledger, intent, charge, amount=wanted.get("amount"), reason=reason))


def close(call: Call) -> Answer:
    """{"status": won, lost or warning_closed}: the bank has decided on the open dispute."""
    ledger = ledger_of(call)
    found = open_disputes(ledger, call.ids["id"])
    if not found:
        raise impossible("No dispute is open.")
    return Answer(200, close_dispute(ledger, found[0], wishes(call).get("status", "lost")))


def authentication(call: Call) -> Answer:
    """{"approved": bool}: the customer answers the bank's question."""
    ledger = ledger_of(call)
    authenticate(ledger, intent_of(call, ledger), approved=bool(wishes(call).get("approved", True)))
    return Answer(200, intent_of(call, ledger))


def settle(call: Call) -> Answer:
    """{"status": succeeded or failed}: what became of a bank debit that was processing."""
    ledger = ledger_of(call)
    intent = intent_of(call, ledger)
    if intent["status"] != "processing":
        raise impossible("This PaymentIntent is not processing.")
    card = card_named(intent["payment_method"])
    if wishes(call).get("status", "succeeded") == "succeeded":
        charges.take(ledger, intent, card, intent["payment_method"])
    else:
        charges.decline(ledger, intent, card, intent["payment_method"])
    return Answer(200, intent)


def settle_refund(call: Call) -> Answer:
    """{"status": succeeded or failed}: what the bank made of a refund."""
    ledger = ledger_of(call)
    return Answer(200, end(ledger, ledger.get("refund", call.ids["id"]), wishes(call).get("status", "succeeded")))


def expire(call: Call) -> Answer:
    """The days in which held money can be taken are over."""
    ledger = ledger_of(call)
    release_expired(ledger, call.ids["id"], now=float("inf"))
    return Answer(200, intent_of(call, ledger))


def release_expired(ledger: Ledger, id: str, *, now: float) -> None:  # noqa: A002
    intent = ledger.get("payment_intent", id)
    charge = ledger.charge_of(intent)
    if not charge or intent["status"] != "requires_capture":
        return
    if now >= charge["payment_method_details"]["card"]["capture_before"]:
        charges.release(ledger, intent, "automatic")


def tick(ledger: Ledger) -> None:
    """Do what has fallen due: holds expire, slow refunds end."""
    with ledger.books.transaction():
        for note in due(ledger):
            if note["what"] == "expire":
                release_expired(ledger, note["id"], now=time.time())
            else:
                status = "succeeded" if note["what"] == "succeed" else "failed"
                end(ledger, ledger.get("refund", note["id"]), status)
