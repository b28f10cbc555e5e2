"""Who may call, and how keys repeat answers: https://docs.stripe.com/api/idempotent_requests"""

import base64
import binascii
import secrets

from sandbox.calls import Call, Door
from sandbox.stripe.errors import trouble, unauthorized
from sandbox.stripe.form import form_of

KEY_SECONDS = 24 * 60 * 60


def presented_key(call: Call) -> str:
    scheme, _, rest = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return rest or str(form_of(call).get("key", ""))


def guard(call: Call) -> None:
    """The secret key opens everything, the publishable one a payment intent whose client secret is known."""
    key = presented_key(call)
    if not key:
        raise unauthorized("You did not provide an API key.")
    if secrets.compare_digest(key, call.config.stripe_secret_key):
        return
    if not secrets.compare_digest(key, call.config.stripe_publishable_key):
        raise unauthorized("Invalid API Key provided.")
    if not is_customers_own(call):
        raise unauthorized("This API call cannot be made with a publishable API key.")


def is_customers_own(call: Call) -> bool:
    """Whether Stripe.js could make this call: look at or confirm an intent whose client secret it was given."""
    intent = call.books.get("stripe.payment_intent", call.ids.get("id", ""))
    is_open = call.method == "GET" or call.path.endswith("/confirm")
    given = str(form_of(call).get("client_secret", ""))
    return bool(intent and is_open and secrets.compare_digest(given, intent["client_secret"]))


def let_in(call: Call) -> None:
    """Helpers of tests ask for no key."""


DOOR = Door(
    provider="stripe",
    guard=guard,
    trouble=trouble,
    key=lambda call: call.headers.get("idempotency-key", "") if call.method == "POST" else "",
    key_seconds=KEY_SECONDS,
    replayed={"Idempotent-Replayed": "true"},
)
HELPERS = Door(provider="stripe helper", guard=let_in, trouble=trouble, key=lambda _: "", key_seconds=0)
