"""The gateway to PayPal: https://developer.paypal.com/docs/api/orders/v2/ and payments/v2."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from django.conf import settings
from django.utils import timezone

from payments.gateways.base import BookEntry, Declined, DisputeFact, Money, Notice, Request, Snapshot
from payments.gateways.paypal.book import Book
from payments.gateways.paypal.client import Document, PayPalClient
from payments.gateways.paypal.documents import (
    BY_CAPTURE,
    capture_behind,
    dispute_fact,
    live_authorization,
    merged,
    money_of,
    order_of,
    our_refund,
    refund_fact,
    snapshot_of,
    transfers,
)
from payments.gateways.paypal.notices import notice_of
from payments.gateways.paypal.shapes import capture_request, order_request, refund_request
from payments.gateways.paypal.signature import check_signature
from payments.states import PaymentStatus

# PayPal keeps the keys of created orders for six hours; this is surely within.
_KEY_LIFE = timedelta(hours=5)
logger = structlog.get_logger(__name__)
_REPRESENTATION = "return=representation"
# The order has got further than we knew: what it says now is the answer.
_OVERTAKEN = frozenset({"order_already_captured", "order_already_authorized", "order_not_approved"})


class PayPalGateway:
    """Behind `payments.gateways.base.Gateway`. Money moves only when this class asks for it: an order that the
    customer has approved and nobody captures takes nothing and lapses at PayPal by itself.
    """

    captures_in_parts = True

    def __init__(self) -> None:
        self.payee: str = settings.PAYPAL_MERCHANT_ID
        self._client = PayPalClient()

    def create(self, request: Request) -> Snapshot:
        client = self._client
        order = client.call(
            client.orders.create_order,
            body=order_request(request, payee=self.payee),
            paypal_request_id=request.key,
            prefer=_REPRESENTATION,
        )
        return snapshot_of(order)

    def find(self, request: Request, *, since: datetime) -> Snapshot | None:
        """PayPal has no search for orders: repeating the call with its key brings back the order it made, or makes
        it now. Past the life of the key: none, for nobody was ever shown the order that may exist, so nobody can
        approve it and it never takes money.
        """
        if timezone.now() - since > _KEY_LIFE:
            return None
        return self.create(request)

    def look_up(self, reference: str) -> Snapshot:
        """By the order's id, or by `capture:<id>` as notices name it."""
        if reference.startswith(BY_CAPTURE):
            reference = self._order_behind(reference.removeprefix(BY_CAPTURE))
        order = self._order(reference)
        return replace(snapshot_of(order), disputes=self._disputes(order))

    def complete(self, reference: str, *, key: str) -> Snapshot:
        order = self._order(reference)
        if order["status"] != "APPROVED":
            return snapshot_of(order)
        client = self._client
        is_capture = order["intent"] == "CAPTURE"
        function = client.orders.capture_order if is_capture else client.orders.authorize_order
        try:
            client.call(function, id=reference, paypal_request_id=key, prefer=_REPRESENTATION)
        except Declined as refusal:
            if refusal.code not in _OVERTAKEN:
                raise
        return snapshot_of(self._order(reference))

    def capture(self, reference: str, money: Money, *, is_last: bool, key: str) -> Snapshot:
        order = self._order(reference)
        # A repeated call names the same authorisation though nothing of it may be left: its key tells PayPal.
        authorization = live_authorization(order) or next(iter(transfers(order, "authorizations")), None)
        if authorization is None:
            raise Declined("not_authorized", "Nothing is authorised.")
        client = self._client
        client.call(
            client.payments.capture_authorized_payment,
            authorization_id=authorization["id"],
            body=capture_request(money, is_last=is_last),
            paypal_request_id=key,
            prefer=_REPRESENTATION,
        )
        return snapshot_of(self._order(reference))

    def void(self, reference: str, *, key: str) -> Snapshot:
        """Give the authorisation back. An order without one cannot be voided at PayPal, and need not be: it takes
        money only when `complete` is called, so not calling it any more is what voids it.
        """
        order = self._order(reference)
        if authorization := live_authorization(order):
            client = self._client
            client.call(client.payments.void_payment, authorization_id=authorization["id"], paypal_request_id=key)
            order = self._order(reference)
        snapshot = snapshot_of(order)
        is_untouched = not transfers(order, "captures") and not transfers(order, "authorizations")
        return replace(snapshot, status=PaymentStatus.VOIDED) if is_untouched else snapshot

    def refund(self, reference: str, money: Money, *, refund_id: int, reason: str, key: str) -> Snapshot:
        """Give back what is not given back yet under this id: from one capture if one holds enough, else from
        several, each part with a key of its own.
        """
        order = self._order(reference)
        done = [refund for refund in transfers(order, "refunds") if our_refund(refund)[0] == str(refund_id)]
        due = money.amount - sum((refund_fact(refund).amount for refund in done), Decimal(0))
        client = self._client
        for number, (capture_id, amount) in enumerate(_parts(order, due), start=len(done)):
            part = Money(amount, money.currency)
            refund = client.call(
                client.payments.refund_captured_payment,
                capture_id=capture_id,
                body=refund_request(part, refund_id=refund_id, total=money, reason=reason),
                paypal_request_id=f"{key}-{number}" if number else key,
                prefer=_REPRESENTATION,
            )
            done.append(refund)
        order = self._order(reference)
        # The order may be read a moment before it shows what was just done.
        shown = {refund["id"]: refund for refund in [*done, *transfers(order, "refunds")]}
        return replace(snapshot_of(order), refunds=merged(shown.values()))

    def verify(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        check_signature(headers, body, client=self._client)
        return notice_of(body)

    def book(self, since: datetime, until: datetime) -> Iterator[BookEntry]:
        """Captures, refunds and disputes. PayPal lists movements of money, so orders without one do not appear, and
        there are no entries of the kind payment; a movement appears up to three hours after it happened.
        """
        yield from Book(self._client).entries(since, until)

    def _order(self, reference: str) -> Document:
        return self._client.call(self._client.orders.get_order, id=reference)

    def _order_behind(self, capture_id: str) -> str:
        capture = self._client.call(self._client.payments.get_captured_payment, capture_id=capture_id)
        reference = order_of(capture)
        if not reference:
            raise Declined("not_found", "This capture belongs to no order.")
        return reference

    def _disputes(self, order: Document) -> tuple[DisputeFact, ...]:
        """None where the account's keys may not read disputes: a payment is worth knowing without them."""
        try:
            return tuple(fact for capture in transfers(order, "captures") for fact in self._disputes_of(capture["id"]))
        except Declined as refusal:
            logger.warning("paypal_disputes_unreadable", code=refusal.code)
            return ()

    def _disputes_of(self, capture_id: str) -> Iterator[DisputeFact]:
        listed = self._client.get("/v1/customer/disputes", disputed_transaction_id=capture_id)
        for item in listed.get("items") or []:
            # The list leaves out how it ended.
            yield dispute_fact(self._client.get(f"/v1/customer/disputes/{item['dispute_id']}"))


def _parts(order: Document, due: Decimal) -> list[tuple[str, Decimal]]:
    """From which captures to give the amount back. What no capture can give is asked of the last, for PayPal to
    refuse: it knows best.
    """
    if due <= 0:
        return []
    left = _refundable(order)
    if not left:
        raise Declined("nothing_captured", "Nothing was captured.")
    for capture_id, amount in left.items():
        if amount >= due:
            return [(capture_id, due)]
    if sum(left.values()) < due:
        return [(next(reversed(left)), due)]
    parts = []
    for capture_id, amount in left.items():
        part = min(amount, due)
        if part > 0:
            parts.append((capture_id, part))
            due -= part
    return parts


def _refundable(order: Document) -> dict[str, Decimal]:
    """What each capture can still give back."""
    left = {
        capture["id"]: money_of(capture["amount"]).amount
        for capture in transfers(order, "captures")
        if capture["status"] not in {"DECLINED", "FAILED", "PENDING"}
    }
    for refund in transfers(order, "refunds"):
        capture_id = capture_behind(refund)
        if capture_id in left and refund["status"] not in {"FAILED", "CANCELLED"}:
            left[capture_id] -= money_of(refund["amount"]).amount
    return left
