"""Refunds: https://docs.stripe.com/api/refunds"""

import time

from sandbox.books import Document
from sandbox.calls import Answer, Call
from sandbox.stripe.cards import CARDS, Card
from sandbox.stripe.clock import later
from sandbox.stripe.disputes import open_disputes
from sandbox.stripe.errors import impossible, invalid, missing
from sandbox.stripe.form import Form, choice, form_of, integer, items, known, merged
from sandbox.stripe.ledger import Ledger, expanded, ledger_of
from sandbox.stripe.lists import by_payment_intent, page

PARAMETERS = (
    *("amount", "charge", "payment_intent", "reason", "metadata", "instructions_email", "origin", "currency"),
    *("refund_application_fee", "reverse_transfer"),
)
REASONS = ("duplicate", "fraudulent", "requested_by_customer")
# How long a refund that does not end at once takes.
SETTLED_AFTER_SECONDS = 2


def create(call: Call) -> Answer:
    form, ledger = known(form_of(call), *PARAMETERS), ledger_of(call)
    charge = charge_named(ledger, form)
    reason = choice(form, "reason", REASONS)
    left = refundable(ledger, charge)
    amount = integer(form, "amount", default=left)
    if amount > left:
        raise impossible(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            code="amount_too_large",
            param="amount",
        )
    refund = new_refund(ledger, charge, amount, reason) | {"metadata": merged({}, form)}
    begin(ledger, charge, refund)
    return Answer(200, expanded(ledger, refund, items(form, "expand")))


def charge_named(ledger: Ledger, form: Form) -> Document:
    if id := form.get("charge"):  # noqa: A001
        found = ledger.books.get("stripe.charge", id)
        if not found:
            raise missing("charge", id, param="charge", status=400)
        return found
    if not (id := form.get("payment_intent")):  # noqa: A001
        raise invalid("One of the following params should be provided: payment_intent or charge.")
    intent = ledger.books.get("stripe.payment_intent", id)
    if not intent:
        raise missing("payment_intent", id, param="payment_intent", status=400)
    charge = ledger.charge_of(intent)
    if not charge or charge["status"] != "succeeded":
        raise impossible(f"This PaymentIntent ({id}) does not have a successful charge to refund.")
    return charge


def refundable(ledger: Ledger, charge: Document) -> int:
    """What may still be given back. Raises the refusal when it is nothing."""
    if charge["refunded"]:
        message = f"Charge {charge['id']} has already been refunded."
        raise impossible(message, code="charge_already_refunded")
    if not charge["captured"]:
        raise impossible("This charge was not captured: cancel its PaymentIntent instead.")
    if open_disputes(ledger, charge["payment_intent"]):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise impossible(message, code="charge_disputed")
    left: int = charge["amount_captured"] - charge["amount_refunded"]
    return left


def new_refund(ledger: Ledger, charge: Document, amount: int, reason: str | None) -> Document:
    return {
        "id": ledger.books.next_id("re_"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": ledger.books.next_id("txn_"),
        "charge": charge["id"],
        "created": int(time.time()),
        "currency": charge["currency"],
        "destination_details": {"type": "card", "card": {"type": "refund", "reference_status": "pending"}},
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "status": "succeeded",
    }


def begin(ledger: Ledger, charge: Document, refund: Document) -> None:
    """Write a refund with its charge. One that fails in the end begins as a success, as Stripe's test card does."""
    how = CARDS.get(charge["payment_method"], Card()).refunds
    refund["status"] = "pending" if how == "pending" else "succeeded"
    count(charge, refund["amount"])
    ledger.put(charge)
    ledger.put(refund, parent=charge["payment_intent"])
    if how != "succeeded":
        later(ledger, refund["id"], "succeed" if how == "pending" else "fail", at=time.time() + SETTLED_AFTER_SECONDS)
    ledger.tell("refund.created", refund)
    ledger.tell("charge.refunded", charge)


def count(charge: Document, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]


def end(ledger: Ledger, refund: Document, status: str) -> Document:
    """What a refund came to at the bank: succeeded, failed or canceled. Money of a failed one is the shop's again."""
    if refund["status"] == status or refund["status"] in ("failed", "canceled"):
        return refund
    refund["status"] = status
    if status in ("failed", "canceled"):
        charge = ledger.get("charge", refund["charge"])
        count(charge, -refund["amount"])
        ledger.put(charge)
        refund["failure_reason"] = "lost_or_stolen_card" if status == "failed" else None
        refund["failure_balance_transaction"] = ledger.books.next_id("txn_")
    ledger.put(refund)
    ledger.tell("refund.failed" if status == "failed" else "refund.updated", refund)
    ledger.tell("charge.refund.updated", refund)
    return refund


def update(call: Call) -> Answer:
    form, ledger = known(form_of(call), "metadata"), ledger_of(call)
    refund = ledger.get("refund", call.ids["id"])
    refund["metadata"] = merged(refund["metadata"], form)
    ledger.put(refund)
    ledger.tell("refund.updated", refund)
    return Answer(200, expanded(ledger, refund, items(form, "expand")))


def cancel(call: Call) -> Answer:
    known(form_of(call))
    ledger = ledger_of(call)
    refund = ledger.get("refund", call.ids["id"])
    if refund["status"] != "pending":
        raise impossible(f"A refund with status {refund['status']} cannot be canceled.")
    return Answer(200, end(ledger, refund, "canceled"))


def list_all(call: Call) -> Answer:
    return page(call, kind="refund", filters=("charge", "payment_intent"), parent=by_payment_intent)
