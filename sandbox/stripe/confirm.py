"""The customer's attempt to pay: what the chosen test card makes of it, and the bank's own page on the way."""

from urllib.parse import urlencode

from sandbox.books import Document
from sandbox.calls import Answer
from sandbox.stripe import charges
from sandbox.stripe.cards import card as card_named
from sandbox.stripe.errors import envelope, invalid
from sandbox.stripe.form import Form, items
from sandbox.stripe.ledger import Ledger, expanded

NOT_AUTHENTICATED = {
    "type": "invalid_request_error",
    "code": "payment_intent_authentication_failure",
    "message": "The provided PaymentMethod has failed authentication. You can provide another one to pay again.",
}


def attempt(ledger: Ledger, intent: Document, form: Form) -> Answer:
    """Confirm an intent: taken, held, declined (402), or first the customer's bank has to ask."""
    payment_method = form.get("payment_method") or intent["payment_method"]
    if not payment_method:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.", param="payment_method"
        )
    card = card_named(payment_method)
    intent |= {"payment_method": payment_method, "last_payment_error": None, "next_action": None}
    if card.decline:
        error = charges.decline(ledger, intent, card, payment_method)
        more = {name: value for name, value in error.items() if name not in ("type", "message")}
        return envelope(402, error["message"], type="card_error", **more, payment_intent=intent)
    if card.needs_authentication:
        ask_the_bank(ledger, intent, form.get("return_url"))
    elif card.is_slow:
        intent["status"] = "processing"
        ledger.put(intent)
        ledger.tell("payment_intent.processing", intent)
    else:
        charges.take(ledger, intent, card, payment_method)
    return Answer(200, expanded(ledger, intent, items(form, "expand")))


def ask_the_bank(ledger: Ledger, intent: Document, return_url: str | None) -> None:
    """3-D Secure: the customer has to go to a page, and comes back by `return_url` where one was given."""
    page = {"url": f"{ledger.sandbox.config.url}/stripe/3ds/{intent['id']}", "return_url": return_url}
    intent["status"] = "requires_action"
    intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": page}
    ledger.put(intent)
    ledger.tell("payment_intent.requires_action", intent)


def authenticate(ledger: Ledger, intent: Document, *, approved: bool) -> str:
    """The customer has decided on the bank's page. Returns where to go now, "" for nowhere."""
    if intent["status"] != "requires_action":
        return ""
    return_url = intent["next_action"]["redirect_to_url"]["return_url"]
    if approved:
        payment_method = intent["payment_method"]
        charges.take(ledger, intent, card_named(payment_method), payment_method)
    else:
        charges.fail(ledger, intent, dict(NOT_AUTHENTICATED))
    if not return_url:
        return ""
    told = {
        "payment_intent": intent["id"],
        "payment_intent_client_secret": intent["client_secret"],
        "redirect_status": "succeeded" if approved else "failed",
    }
    return f"{return_url}{'&' if '?' in return_url else '?'}{urlencode(told)}"
