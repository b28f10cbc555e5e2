"""What most tests of the Stripe-like API begin with."""

from typing import Any

import stripe


def pay(api: stripe.StripeClient, card: str = "pm_card_visa", *, amount: int = 5000, **more: Any) -> Any:
    """An intent, confirmed with a card at once."""
    wanted = {"amount": amount, "currency": "eur", "payment_method": card, "confirm": True, **more}
    return api.v1.payment_intents.create(wanted)


def charge_of(api: stripe.StripeClient, intent: Any) -> Any:
    return api.v1.charges.retrieve(intent.latest_charge)


def events(api: stripe.StripeClient, intent: Any) -> list[str]:
    """The types of the events that tell of an intent, oldest first."""
    found = []
    for event in api.v1.events.list({"limit": 100}).auto_paging_iter():
        told = event.to_dict()["data"]["object"]
        if intent.id in (told["id"], told.get("payment_intent")):
            found.append(event.type)
    return found[::-1]


def refusal(call: Any, *arguments: Any) -> Any:
    """The error that a call ends with."""
    try:
        call(*arguments)
    except stripe.StripeError as error:
        return error
    raise AssertionError("It was not refused.")
