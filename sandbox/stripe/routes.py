"""What of Stripe's API is there, and helpers below `/_test` that do what customers, banks and time do."""

from functools import partial

from starlette.routing import BaseRoute, Route

from sandbox.calls import Answer, Call, Handler, Sandbox, endpoint
from sandbox.stripe import disputes, helpers, intents, refunds, tax
from sandbox.stripe.authentication import authentication_page
from sandbox.stripe.door import DOOR, HELPERS
from sandbox.stripe.ledger import Ledger, signature
from sandbox.stripe.lists import by_payment_intent, page, shown

WEBHOOK_PATH = "/api/v1/webhooks/stripe"


def install(sandbox: Sandbox) -> None:
    """Webhooks are signed with the shop's secret."""
    secret = sandbox.config.stripe_webhook_secret
    sandbox.webhooks.register("stripe", path=WEBHOOK_PATH, sign=partial(signature, secret))


def tick(sandbox: Sandbox) -> None:
    helpers.tick(Ledger(sandbox))


def account(call: Call) -> Answer:
    """Whose key this is: the payee of every payment without a destination of its own."""
    known = {"id": call.config.stripe_account, "object": "account", "charges_enabled": True, "payouts_enabled": True}
    return Answer(200, {**known, "country": "DE", "default_currency": "eur", "type": "standard"})


def list_charges(call: Call) -> Answer:
    return page(call, kind="charge", filters=("payment_intent", "customer"), parent=by_payment_intent)


def list_events(call: Call) -> Answer:
    return page(call, kind="event", filters=("type",))


def get(path: str, handler: Handler) -> Route:
    return Route(f"/v1/{path}", endpoint(DOOR, handler), methods=["GET"])


def post(path: str, handler: Handler) -> Route:
    return Route(f"/v1/{path}", endpoint(DOOR, handler), methods=["POST"])


def helper(path: str, handler: Handler) -> Route:
    return Route(f"/_test/{path}", endpoint(HELPERS, handler), methods=["POST"])


routes: list[BaseRoute] = [
    post("payment_intents", intents.create),
    get("payment_intents", intents.list_all),
    get("payment_intents/{id}", shown("payment_intent")),
    post("payment_intents/{id}", intents.update),
    post("payment_intents/{id}/confirm", intents.confirm),
    post("payment_intents/{id}/capture", intents.capture),
    post("payment_intents/{id}/cancel", intents.cancel),
    post("refunds", refunds.create),
    get("refunds", refunds.list_all),
    get("refunds/{id}", shown("refund")),
    post("refunds/{id}", refunds.update),
    post("refunds/{id}/cancel", refunds.cancel),
    get("charges", list_charges),
    get("charges/{id}", shown("charge")),
    get("disputes", disputes.list_all),
    get("disputes/{id}", shown("dispute")),
    post("disputes/{id}/close", disputes.accept),
    get("events", list_events),
    get("events/{id}", shown("event")),
    get("account", account),
    post("tax/calculations", tax.calculate),
    get("tax/calculations/{id}", tax.show_calculation),
    post("tax/transactions/create_from_calculation", tax.commit),
    post("tax/transactions/create_reversal", tax.reverse),
    get("tax/transactions/{id}", tax.show_transaction),
    helper("payment_intents/{id}/dispute", helpers.dispute),
    helper("payment_intents/{id}/dispute/close", helpers.close),
    helper("payment_intents/{id}/authenticate", helpers.authentication),
    helper("payment_intents/{id}/settle", helpers.settle),
    helper("payment_intents/{id}/expire", helpers.expire),
    helper("refunds/{id}/settle", helpers.settle_refund),
    Route("/3ds/{id}", authentication_page, methods=["GET", "POST"]),
]
