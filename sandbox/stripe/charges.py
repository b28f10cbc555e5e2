"""Charges: money taken or held, and what becomes of it. Each change is written with the events that tell it."""

import time

from sandbox.books import Document
from sandbox.stripe.cards import Card
from sandbox.stripe.clock import later
from sandbox.stripe.disputes import open_dispute
from sandbox.stripe.ledger import Ledger

HOLD_SECONDS = 7 * 24 * 60 * 60


def new_charge(ledger: Ledger, intent: Document, card: Card, payment_method: str) -> Document:
    """An attempt to take the intent's money, before it is known how it went."""
    details = {"brand": card.brand, "last4": card.last4, "exp_month": 12, "exp_year": 2034, "funding": "credit"}
    copied = ("amount", "currency", "customer", "description", "metadata", "on_behalf_of", "transfer_data")
    return {
        "id": ledger.books.next_id("ch_"),
        "object": "charge",
        "created": int(time.time()),
        "livemode": False,
        **{name: intent[name] for name in copied},
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "captured": False,
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "outcome": {"network_status": "approved_by_network", "type": "authorized"},
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": payment_method,
        "payment_method_details": {"type": "card", "card": details},
        "refunded": False,
        "status": "pending",
    }


def decline(ledger: Ledger, intent: Document, card: Card, payment_method: str) -> Document:
    """The bank says no: the intent waits for another means. Returns the error."""
    charge = new_charge(ledger, intent, card, payment_method)
    charge["status"] = "failed"
    charge["outcome"] = {"network_status": "declined_by_network", "reason": card.decline, "type": "issuer_declined"}
    charge |= {"failure_code": card.code, "failure_message": card.message}
    ledger.put(charge, parent=intent["id"])
    error = {"type": "card_error", "code": card.code, "message": card.message, "charge": charge["id"]}
    if card.decline:
        error["decline_code"] = card.decline
    intent["latest_charge"] = charge["id"]
    ledger.tell("charge.failed", charge)
    fail(ledger, intent, error)
    return error


def fail(ledger: Ledger, intent: Document, error: Document) -> None:
    """An attempt ended without money: the next one needs a means of payment again."""
    intent |= {"status": "requires_payment_method", "next_action": None, "last_payment_error": error}
    intent["payment_method"] = None
    ledger.put(intent)
    ledger.tell("payment_intent.payment_failed", intent)


def take(ledger: Ledger, intent: Document, card: Card, payment_method: str) -> None:
    """The bank says yes: the money is taken, or held where the intent is captured by hand."""
    charge = new_charge(ledger, intent, card, payment_method)
    charge |= {"status": "succeeded", "paid": True}
    intent |= {"latest_charge": charge["id"], "next_action": None, "last_payment_error": None}
    if intent["capture_method"] == "manual":
        hold(ledger, intent, charge)
    else:
        charge |= {"captured": True, "amount_captured": charge["amount"]}
        charge["balance_transaction"] = ledger.books.next_id("txn_")
        ledger.put(charge, parent=intent["id"])
        ledger.tell("charge.succeeded", charge)
        succeed(ledger, intent, charge, card)


def hold(ledger: Ledger, intent: Document, charge: Document) -> None:
    before = int(time.time()) + HOLD_SECONDS
    charge["payment_method_details"]["card"]["capture_before"] = before
    intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
    ledger.put(charge, parent=intent["id"])
    ledger.put(intent)
    later(ledger, intent["id"], "expire", at=before)
    ledger.tell("charge.succeeded", charge)
    ledger.tell("payment_intent.amount_capturable_updated", intent)


def capture(ledger: Ledger, intent: Document, charge: Document, card: Card, amount: int) -> None:
    """Take held money; what is not taken is released."""
    charge |= {"captured": True, "amount_captured": amount, "balance_transaction": ledger.books.next_id("txn_")}
    ledger.put(charge)
    ledger.tell("charge.captured", charge)
    succeed(ledger, intent, charge, card)


def succeed(ledger: Ledger, intent: Document, charge: Document, card: Card) -> None:
    intent |= {"status": "succeeded", "amount_received": charge["amount_captured"], "amount_capturable": 0}
    ledger.put(intent)
    ledger.tell("payment_intent.succeeded", intent)
    if card.disputes:
        open_dispute(ledger, intent, charge)


def release(ledger: Ledger, intent: Document, reason: str | None) -> None:
    """Give an intent up. Money that was held shows as given back on its charge, though no refund is made."""
    charge = ledger.charge_of(intent)
    if charge and intent["status"] == "requires_capture":
        charge |= {"amount_refunded": charge["amount"], "refunded": True}
        ledger.put(charge)
        ledger.tell("charge.expired" if reason == "automatic" else "charge.refunded", charge)
    intent |= {"status": "canceled", "amount_capturable": 0, "next_action": None, "cancellation_reason": reason}
    intent["canceled_at"] = int(time.time())
    ledger.put(intent)
    ledger.tell("payment_intent.canceled", intent)
