"""Payment intents: https://docs.stripe.com/api/payment_intents"""

import re
import secrets
import time

from sandbox.books import Document
from sandbox.calls import Answer, Call
from sandbox.stripe import charges
from sandbox.stripe.cards import CARDS, Card
from sandbox.stripe.confirm import attempt
from sandbox.stripe.errors import impossible, invalid
from sandbox.stripe.form import Form, choice, form_of, integer, items, known, merged, required, truth
from sandbox.stripe.ledger import Ledger, expanded, ledger_of
from sandbox.stripe.lists import page

CHANGEABLE = (
    *("amount", "currency", "customer", "description", "metadata", "payment_method", "payment_method_options"),
    *("payment_method_types", "receipt_email", "setup_future_usage", "shipping", "statement_descriptor"),
    *("statement_descriptor_suffix", "transfer_data", "transfer_group", "application_fee_amount", "capture_method"),
)
CONFIRMING = ("return_url", "off_session", "use_stripe_sdk", "error_on_requires_action", "mandate_data", "mandate")
CREATING = (*CHANGEABLE, *CONFIRMING, "automatic_payment_methods", "confirm", "confirmation_method", "on_behalf_of")
CAPTURING = ("amount_to_capture", "final_capture", "metadata", "statement_descriptor", "application_fee_amount")
CAPTURE_METHODS = ("automatic", "automatic_async", "manual")
REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = (*OPEN, "requires_capture", "processing")
# Stripe's smallest amounts, in minor units: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
SMALLEST = {"usd": 50, "eur": 50, "chf": 50, "gbp": 30, "jpy": 50, "kwd": 200}
LARGEST = 99_999_999


def create(call: Call) -> Answer:
    form, ledger = known(form_of(call), *CREATING), ledger_of(call)
    intent = new_intent(ledger, form)
    ledger.put(intent)
    ledger.tell("payment_intent.created", intent)
    if truth(form, "confirm"):
        return attempt(ledger, intent, form)
    return Answer(200, expanded(ledger, intent, items(form, "expand")))


def new_intent(ledger: Ledger, form: Form) -> Document:
    id, currency = ledger.books.next_id("pi_"), currency_of(form)  # noqa: A001
    payment_method = form.get("payment_method")
    return {
        "id": id,
        "object": "payment_intent",
        "amount": amount_of(form, currency),
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "always"},
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": choice(form, "capture_method", CAPTURE_METHODS) or "automatic_async",
        "client_secret": f"{id}_secret_{secrets.token_hex(12)}",
        "confirmation_method": form.get("confirmation_method", "automatic"),
        "created": int(time.time()),
        "currency": currency,
        "customer": form.get("customer"),
        "description": form.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": merged({}, form),
        "next_action": None,
        "on_behalf_of": form.get("on_behalf_of"),
        "payment_method": payment_method,
        "payment_method_types": items(form, "payment_method_types") or ["card"],
        "processing": None,
        "receipt_email": form.get("receipt_email"),
        "shipping": form.get("shipping"),
        "statement_descriptor": form.get("statement_descriptor"),
        "statement_descriptor_suffix": form.get("statement_descriptor_suffix"),
        "status": "requires_confirmation" if payment_method else "requires_payment_method",
        "transfer_data": form.get("transfer_data"),
        "transfer_group": form.get("transfer_group"),
    }


def currency_of(form: Form) -> str:
    currency = required(form, "currency").lower()
    if not re.fullmatch("[a-z]{3}", currency):
        raise invalid(f"Invalid currency: {currency}.", param="currency")
    return currency


def amount_of(form: Form, currency: str) -> int:
    required(form, "amount")
    amount = integer(form, "amount")
    if amount < SMALLEST.get(currency, 1):
        raise invalid("Amount is below what this currency allows.", code="amount_too_small", param="amount")
    if amount > LARGEST:
        raise invalid("Amount must be no more than 99999999.", code="amount_too_large", param="amount")
    return amount


def unexpected(intent: Document, what: str) -> Exception:
    """The refusal that carries the intent as it stands."""
    return impossible(
        f"This PaymentIntent could not be {what} because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
        payment_intent=intent,
    )


def update(call: Call) -> Answer:
    form, ledger = known(form_of(call), *CHANGEABLE), ledger_of(call)
    intent = ledger.get("payment_intent", call.ids["id"])
    if set(form) - {"metadata", "description", "expand"} and intent["status"] not in OPEN:
        raise unexpected(intent, "updated")
    metadata = merged(intent["metadata"], form)
    intent |= {name: form[name] for name in CHANGEABLE if name in form} | {"metadata": metadata}
    if "amount" in form:
        intent["amount"] = amount_of(form, intent["currency"])
    if "payment_method" in form:
        intent["status"] = "requires_confirmation"
    ledger.put(intent)
    return Answer(200, expanded(ledger, intent, items(form, "expand")))


def confirm(call: Call) -> Answer:
    form = known(form_of(call), "payment_method", "client_secret", "receipt_email", "shipping", *CONFIRMING)
    ledger = ledger_of(call)
    intent = ledger.get("payment_intent", call.ids["id"])
    if intent["status"] not in OPEN:
        raise unexpected(intent, "confirmed")
    return attempt(ledger, intent, form)


def capture(call: Call) -> Answer:
    form, ledger = known(form_of(call), *CAPTURING), ledger_of(call)
    intent = ledger.get("payment_intent", call.ids["id"])
    charge = ledger.charge_of(intent)
    if intent["status"] != "requires_capture" or not charge:
        raise unexpected(intent, "captured")
    if not truth(form, "final_capture", default=True):
        raise invalid("Multicapture is not enabled for this account.", param="final_capture")
    amount = integer(form, "amount_to_capture", default=intent["amount_capturable"])
    if amount > intent["amount_capturable"]:
        message = f"Invalid amount: only {intent['amount_capturable']} can be captured."
        raise impossible(message, code="amount_too_large", param="amount_to_capture")
    intent["metadata"] = merged(intent["metadata"], form)
    charges.capture(ledger, intent, charge, CARDS.get(charge["payment_method"], Card()), amount)
    return Answer(200, expanded(ledger, intent, items(form, "expand")))


def cancel(call: Call) -> Answer:
    form, ledger = known(form_of(call), "cancellation_reason"), ledger_of(call)
    reason = choice(form, "cancellation_reason", REASONS)
    intent = ledger.get("payment_intent", call.ids["id"])
    if intent["status"] not in CANCELABLE:
        raise unexpected(intent, "canceled")
    charges.release(ledger, intent, reason)
    return Answer(200, expanded(ledger, intent, items(form, "expand")))


def list_all(call: Call) -> Answer:
    return page(call, kind="payment_intent", filters=("customer",))
