"""Stripe by its SDK: one PaymentIntent for each attempt to pay."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import stripe
from django.conf import settings

from payments.gateways.base import BadSignature, BookEntry, Declined, Money, Notice, Request, Snapshot, Unclear
from payments.gateways.stripe_facts import (
    Document,
    capture_fact,
    dispute_fact,
    instant,
    is_captured,
    money_of,
    payment_status,
    refund_fact,
    snapshot_of,
    to_units,
)
from payments.states import PaymentStatus

PAGE = 100
# Our clock and Stripe's may differ by as much when a payment is looked for by when it was opened.
CLOCKS = timedelta(seconds=60)
# All that can change what `look_up` says. Others are noise, such as a charge whose fee became known.
EVENTS = frozenset({
    *("payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled"),
    "payment_intent.amount_capturable_updated",
    *("charge.succeeded", "charge.captured", "charge.failed", "charge.expired"),
    *("charge.refunded", "charge.refund.updated", "refund.created", "refund.updated", "refund.failed"),
    *("charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed"),
    *("charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated"),
})  # fmt: skip


class StripeGateway:
    """Raises `Declined` and `Unclear` only. The SDK repeats nothing: whoever asked looks first."""

    # Taking a part releases the rest, but for accounts with a feature of their own.
    captures_in_parts = False

    def __init__(self) -> None:
        self.payee: str = settings.STRIPE_ACCOUNT
        self.client = stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            base_addresses={"api": settings.STRIPE_API_URL.rstrip("/")},
            max_network_retries=0,
            http_client=stripe.RequestsClient(
                timeout=(settings.PAYMENT_CONNECT_SECONDS, settings.PAYMENT_READ_SECONDS)
            ),
        )

    def create(self, request: Request) -> Snapshot:
        """Unconfirmed: the customer completes it with the `client_secret`, so no card ever comes near us."""
        params: Any = {
            "amount": to_units(request.money),
            "currency": request.money.currency.lower(),
            "capture_method": "automatic" if request.capture_at_once else "manual",
            # Methods that lead away need a page to lead back to.
            "automatic_payment_methods": {
                "enabled": True,
                "allow_redirects": "always" if request.return_url else "never",
            },
            "metadata": {"payment_id": str(request.payment_id), "order_number": request.order_number},
        }
        with _asking(request.key):
            intent = self.client.v1.payment_intents.create(params, {"idempotency_key": request.key})
        return snapshot_of(intent.to_dict(), account=self.payee)

    def find(self, request: Request, *, since: datetime) -> Snapshot | None:
        """By reading the list, since Stripe's search lags behind by up to a minute."""
        wanted = str(request.payment_id)
        intents = self._list(self.client.v1.payment_intents, {"created": {"gte": _seconds(since - CLOCKS)}})
        found = [intent for intent in intents if (intent.get("metadata") or {}).get("payment_id") == wanted]
        # Of several, one that still counts.
        found.sort(key=lambda intent: intent["status"] == "canceled")
        return self.look_up(found[0]["id"]) if found else None

    def look_up(self, reference: str) -> Snapshot:
        with _asking():
            intent = self.client.v1.payment_intents.retrieve(reference, {"expand": ["latest_charge"]}).to_dict()
        if not intent.get("latest_charge"):
            return snapshot_of(intent, account=self.payee)
        of_this: Document = {"payment_intent": reference}
        return snapshot_of(
            intent,
            account=self.payee,
            refunds=self._list(self.client.v1.refunds, of_this),
            disputes=self._list(self.client.v1.disputes, of_this),
        )

    def complete(self, reference: str, *, key: str) -> Snapshot:
        """Stripe has done all of it by itself."""
        return self.look_up(reference)

    def capture(self, reference: str, money: Money, *, is_last: bool, key: str) -> Snapshot:
        params: Any = {"amount_to_capture": to_units(money)}
        return self._change(
            reference,
            lambda: self.client.v1.payment_intents.capture(reference, params, {"idempotency_key": key}),
            lambda now: any(capture.amount == money.amount for capture in now.captures),
            key=key,
        )

    def void(self, reference: str, *, key: str) -> Snapshot:
        return self._change(
            reference,
            lambda: self.client.v1.payment_intents.cancel(reference, {}, {"idempotency_key": key}),
            lambda now: now.status == PaymentStatus.VOIDED,
            key=key,
        )

    def refund(self, reference: str, money: Money, *, refund_id: int, reason: str, key: str) -> Snapshot:
        """Stripe knows three reasons and shows them to the customer's bank, so ours stays with us."""
        params: Any = {
            "payment_intent": reference,
            "amount": to_units(money),
            "metadata": {"refund_id": str(refund_id)},
        }
        return self._change(
            reference,
            lambda: self.client.v1.refunds.create(params, {"idempotency_key": key}),
            lambda now: any(refund.ours == str(refund_id) for refund in now.refunds),
            key=key,
        )

    def verify(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        header = headers.get("Stripe-Signature", "")
        if not any(_is_signed(body, header, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
            raise BadSignature("No secret of ours signed this, or too long ago.")
        try:
            return _notice(json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
            raise BadSignature("The body is not an event.") from problem

    def book(self, since: datetime, until: datetime) -> Iterator[BookEntry]:
        window: Document = {"created": {"gte": _seconds(since), "lt": _seconds(until)}}
        for intent in self._list(self.client.v1.payment_intents, window):
            yield _entry("payment", intent, intent["id"], payment_status(intent))
        for charge in self._list(self.client.v1.charges, window):
            if is_captured(charge):
                taken = charge | {"amount": charge["amount_captured"]}
                yield _entry("capture", taken, charge["payment_intent"], capture_fact(charge).status)
        for refund in self._list(self.client.v1.refunds, window):
            yield _entry("refund", refund, refund["payment_intent"], refund_fact(refund).status)
        for dispute in self._list(self.client.v1.disputes, window):
            yield _entry("dispute", dispute, dispute["payment_intent"], dispute_fact(dispute).status)

    def _change(
        self, reference: str, ask: Callable[[], object], has_happened: Callable[[Snapshot], bool], *, key: str
    ) -> Snapshot:
        """What the book says after a change. A refusal of what was done before is no refusal."""
        try:
            with _asking(key):
                ask()
        except Declined as refusal:
            if refusal.code == "not_found" or not has_happened(now := self.look_up(reference)):
                raise
            return now
        return self.look_up(reference)

    def _list(self, service: Any, params: Document) -> Iterator[Document]:
        with _asking():
            for found in service.list({"limit": PAGE} | params).auto_paging_iter():
                yield found.to_dict()


@contextmanager
def _asking(key: str = "") -> Iterator[None]:
    """Stripe's errors as ours. `key` is that of a call which changes something."""
    try:
        yield
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        is_missing = error.http_status == 404 or error.code == "resource_missing"
        raise Declined("not_found" if is_missing else _code(error), _said(error)) from error
    except stripe.StripeError as error:
        raise Unclear(_said(error), is_final=bool(key) and _is_final(error)) from error


def _is_final(error: stripe.StripeError) -> bool:
    """Whether Stripe will say the same again for this key (https://docs.stripe.com/api/idempotent_requests).

    It keeps the answers of calls that it has begun, a 500 among them; a key sent with other parameters stays refused.
    """
    is_kept = error.http_status == 500 and error.error is not None
    is_replayed = (error.headers or {}).get("Idempotent-Replayed") == "true"
    return isinstance(error, stripe.IdempotencyError) or is_kept or is_replayed


def _code(error: stripe.StripeError) -> str:
    declined: str = (getattr(error.error, "decline_code", None) if error.error else None) or ""
    return declined or error.code or "refused"


def _said(error: stripe.StripeError) -> str:
    """Stripe's sentence, with the id under which it can be found in its dashboard."""
    return str(error)[:400]


def _seconds(when: datetime) -> int:
    return int(when.timestamp())


def _is_signed(body: bytes, header: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, settings.STRIPE_WEBHOOK_TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError):  # TypeError: a header beyond ASCII
        return False
    return True


def _notice(event: Document) -> Notice | None:
    if event.get("type") not in EVENTS:
        return None
    about = event["data"]["object"]
    reference = about["id"] if about["object"] == "payment_intent" else about.get("payment_intent")
    # A charge made without an intent is none of ours.
    return Notice(event["id"], event["type"], reference, about["id"]) if reference else None


def _entry(kind: str, document: Document, payment_reference: str | None, status: str) -> BookEntry:
    return BookEntry(
        kind=kind,
        reference=document["id"],
        payment_reference=payment_reference or "",
        money=money_of(document["amount"], document["currency"]),
        status=status,
        created_at=instant(document["created"]),
    )
