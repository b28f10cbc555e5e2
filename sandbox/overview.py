"""The page that shows both books, and its forms: what a customer, a bank or the network may do."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

import sandbox.paypal.disputes
from sandbox.calls import Refused, Sandbox
from sandbox.knobs import EFFECTS, BadKnob
from sandbox.pages import page
from sandbox.paypal.desk import Desk
from sandbox.stripe.cards import CARDS
from sandbox.stripe.confirm import attempt
from sandbox.stripe.disputes import ENDINGS, close_dispute, open_dispute
from sandbox.stripe.errors import impossible
from sandbox.stripe.ledger import Ledger

SHOWN = 50
KINDS = (
    *("stripe.payment_intent", "stripe.refund", "stripe.dispute"),
    *("paypal.order", "paypal.authorization", "paypal.capture", "paypal.refund", "paypal.dispute"),
)
OUTCOMES = ("RESOLVED_SELLER_FAVOUR", "RESOLVED_BUYER_FAVOUR")
HABITS = ("shuffle", "never", "twice", "hold")
Form = dict[str, str]


async def overview(request: Request) -> Response:
    state: Sandbox = request.app.state.sandbox
    return page(
        "overview.html",
        books={kind.replace(".", "_"): state.books.list(kind, limit=SHOWN) for kind in KINDS},
        counts={kind.replace(".", "_"): state.books.count(kind) for kind in KINDS},
        webhooks=state.webhooks.latest(SHOWN),
        webhook_counts=state.webhooks.counts(),
        habits=asdict(state.webhooks.habits),
        knobs=list(state.knobs.set.values()),
        shop_url=state.config.shop_url,
        cards=CARDS,
        effects=EFFECTS,
        endings=ENDINGS,
        outcomes=OUTCOMES,
        switches=HABITS,
        problem=request.query_params.get("problem", ""),
    )


def confirm_stripe(state: Sandbox, form: Form) -> None:
    ledger = Ledger(state)
    intent = ledger.get("payment_intent", form["id"])
    if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
        raise impossible(f"This payment is {intent['status']}.")
    attempt(ledger, intent, {"payment_method": form["card"]})


def dispute_stripe(state: Sandbox, form: Form) -> None:
    ledger = Ledger(state)
    intent = ledger.get("payment_intent", form["id"])
    open_dispute(ledger, intent, ledger.get("charge", intent["latest_charge"] or ""))


def close_stripe(state: Sandbox, form: Form) -> None:
    ledger = Ledger(state)
    close_dispute(ledger, ledger.get("dispute", form["id"]), form["status"])


def dispute_paypal(state: Sandbox, form: Form) -> None:
    sandbox.paypal.disputes.open_dispute(Desk(state), form["id"], {})


def close_paypal(state: Sandbox, form: Form) -> None:
    sandbox.paypal.disputes.close_dispute(Desk(state), form["id"], form["outcome"])


def set_knob(state: Sandbox, form: Form) -> None:
    match = {name: form.get(name, "") for name in ("provider", "method", "path")}
    wanted: dict[str, Any] = {"match": match, "effect": form.get("effect", "")}
    try:
        wanted["times"] = int(form["times"]) if form.get("times") else None
        wanted["seconds"] = float(form.get("seconds") or 0)
        wanted["probability"] = float(form.get("probability") or 1)
    except ValueError as error:
        raise BadKnob(str(error)) from None
    state.knobs.add(wanted)


def remove_knob(state: Sandbox, form: Form) -> None:
    state.knobs.remove(form.get("id") or None)


def set_webhooks(state: Sandbox, form: Form) -> None:
    wanted: dict[str, Any] = {name: name in form for name in HABITS}
    try:
        wanted |= {"copies": int(form.get("copies") or 1), "delay": float(form.get("delay") or 0)}
    except ValueError as error:
        raise BadKnob(str(error)) from None
    state.webhooks.set(wanted)


def flush_webhooks(state: Sandbox, form: Form) -> None:
    state.webhooks.flush(shuffle=False, copies=(1, 1), seed=None, concurrency=state.webhooks.habits.concurrency)


def action(do: Callable[[Sandbox, Form], None]) -> Callable[[Request], Any]:
    """A form's endpoint: it does one thing and leads back to the page, which says why if it could not be done."""

    async def serve(request: Request) -> Response:
        state: Sandbox = request.app.state.sandbox
        form = dict(parse_qsl((await request.body()).decode()))
        problem = ""
        try:
            with state.books.transaction():
                do(state, form)
        except (Refused, BadKnob) as refusal:
            problem = str(refusal)
        state.webhooks.news.set()
        back = request.url_for("overview")
        return RedirectResponse(back.include_query_params(problem=problem) if problem else back, 303)

    return serve


ACTIONS = {
    "stripe/confirm": confirm_stripe,
    "stripe/dispute": dispute_stripe,
    "stripe/close": close_stripe,
    "paypal/dispute": dispute_paypal,
    "paypal/close": close_paypal,
    "knob": set_knob,
    "knob/remove": remove_knob,
    "webhooks": set_webhooks,
    "webhooks/flush": flush_webhooks,
}
routes: list[BaseRoute] = [
    Route("/", overview, name="overview"),
    *(Route(f"/do/{name}", action(do), methods=["POST"]) for name, do in ACTIONS.items()),
]
