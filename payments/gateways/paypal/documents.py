"""Reading PayPal's documents: an order with all its captures, refunds and authorisations becomes a `Snapshot`."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone

from payments.gateways.base import DisputeFact, Money, Snapshot, TransferFact
from payments.states import DisputeStatus, PaymentStatus, TransferStatus

Document = dict[str, Any]

# Stands before a capture's id where the order's is not known.
BY_CAPTURE = "capture:"

_CAPTURES = {
    "COMPLETED": TransferStatus.SUCCEEDED,
    "PARTIALLY_REFUNDED": TransferStatus.SUCCEEDED,
    "REFUNDED": TransferStatus.SUCCEEDED,
    "DECLINED": TransferStatus.FAILED,
    "FAILED": TransferStatus.FAILED,
}
_REFUNDS = {
    "COMPLETED": TransferStatus.SUCCEEDED,
    "FAILED": TransferStatus.FAILED,
    "CANCELLED": TransferStatus.FAILED,
}
_OUTCOMES = {
    "RESOLVED_SELLER_FAVOUR": DisputeStatus.WON,
    "CANCELED_BY_BUYER": DisputeStatus.WON,
    "DENIED": DisputeStatus.WON,
    "RESOLVED_WITH_PAYOUT": DisputeStatus.WON,  # PayPal pays the customer, not the shop
    "NONE": DisputeStatus.WON,
}
# What follows our id in the custom id of a part.
_TOTAL = re.compile(r"\d+(\.\d+)?", re.ASCII)
_PARTS_FOLLOW_WITHIN = timedelta(days=1)
_LIVE = frozenset({"CREATED", "PARTIALLY_CAPTURED", "PENDING"})


def money_of(amount: Document) -> Money:
    return Money(Decimal(amount["value"]), amount["currency_code"])


def unit_of(order: Document) -> Document:
    """The one purchase unit; an order of more is none of ours, and its first unit will not agree."""
    unit: Document = order["purchase_units"][0]
    return unit


def transfers(order: Document, kind: str) -> list[Document]:
    """`captures`, `refunds` or `authorizations` of the order."""
    return (unit_of(order).get("payments") or {}).get(kind) or []


def capture_fact(capture: Document) -> TransferFact:
    status = _CAPTURES.get(capture["status"], TransferStatus.PENDING)
    return TransferFact(capture["id"], money_of(capture["amount"]).amount, status)


def refund_fact(refund: Document) -> TransferFact:
    status = _REFUNDS.get(refund["status"], TransferStatus.PENDING)
    ours, _ = our_refund(refund)
    return TransferFact(refund["id"], money_of(refund["amount"]).amount, status, ours)


def our_refund(refund: Document) -> tuple[str, Decimal]:
    """Our id and our amount of it: the refund's own, or more when it is one of several parts (`7-50.00`).

    A refund made at PayPal itself may carry the payment's custom id, which is no refund of ours.
    """
    ours, _, total = refund.get("custom_id", "").partition("-")
    if not ours.isdecimal() or (total and not _TOTAL.fullmatch(total)):
        return "", money_of(refund["amount"]).amount
    return ours, Decimal(total) if total else money_of(refund["amount"]).amount


def merged(refunds: Iterable[Document]) -> tuple[TransferFact, ...]:
    """Refunds as we know them: parts of one of ours, which spans several captures, are one fact under the first
    part's id. While parts are missing it is left out, so that nobody takes it for done; when they are still missing
    a day later, what was given back stands for itself.
    """
    groups: dict[str, list[Document]] = {}
    for refund in sorted(refunds, key=lambda refund: (refund.get("create_time", ""), refund["id"])):
        groups.setdefault(our_refund(refund)[0] or f"theirs {refund['id']}", []).append(refund)
    return tuple(fact for parts in groups.values() for fact in _facts(parts))


def _facts(refunds: list[Document]) -> list[TransferFact]:
    parts = [refund_fact(refund) for refund in refunds]
    amount = sum((part.amount for part in parts), Decimal(0))
    if amount < our_refund(refunds[0])[1]:
        made_at = moment(refunds[-1].get("create_time"))
        is_given_up = made_at is not None and timezone.now() - made_at > _PARTS_FOLLOW_WITHIN
        return [replace(part, ours="") for part in parts] if is_given_up else []
    found = {part.status for part in parts}
    worst = next(status for status in (TransferStatus.FAILED, TransferStatus.PENDING, *found) if status in found)
    return [TransferFact(parts[0].reference, amount, worst, parts[0].ours)]


def dispute_fact(dispute: Document) -> DisputeFact:
    """Without an outcome it is open; an outcome that is not in the shop's favour is a loss."""
    status = DisputeStatus.OPEN
    if dispute["status"] == "RESOLVED":
        code = (dispute.get("dispute_outcome") or {}).get("outcome_code", "")
        status = _OUTCOMES.get(code, DisputeStatus.LOST)
    return DisputeFact(
        dispute["dispute_id"], money_of(dispute["dispute_amount"]).amount, status, dispute.get("reason", "").lower()
    )


def live_authorization(order: Document) -> Document | None:
    """What can still be captured from: an authorisation that was neither given up nor has lapsed (after 29 days)."""
    for authorization in transfers(order, "authorizations"):
        if authorization["status"] in _LIVE and not _has_lapsed(authorization):
            return authorization
    return None


def _has_lapsed(authorization: Document) -> bool:
    expires_at = moment(authorization.get("expiration_time"))
    return expires_at is not None and expires_at <= timezone.now()


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def snapshot_of(order: Document) -> Snapshot:
    unit = unit_of(order)
    captures = tuple(map(capture_fact, transfers(order, "captures")))
    taken = sum((fact.amount for fact in captures if fact.status != TransferStatus.FAILED), Decimal(0))
    live = live_authorization(order)
    status, failure_code = _standing(order, captures, has_live=live is not None)
    return Snapshot(
        reference=order["id"],
        status=status,
        money=money_of(unit["amount"]),
        payment_id=unit.get("custom_id", ""),
        order_number=unit.get("invoice_id", "").rpartition("-")[0],
        payee=(unit.get("payee") or {}).get("merchant_id", ""),
        authorized=money_of(live["amount"]).amount if live and live["status"] != "PENDING" else taken,
        captures=captures,
        refunds=merged(transfers(order, "refunds")),
        failure_code=failure_code,
        authorization_expires_at=moment(live.get("expiration_time")) if live else None,
        is_approved=order["status"] == "APPROVED",
        approve_url=_approve_url(order),
    )


def _standing(order: Document, captures: tuple[TransferFact, ...], *, has_live: bool) -> tuple[PaymentStatus, str]:
    """The payment's status and, when it failed, why: the first that holds, the strongest fact first."""
    authorizations = {authorization["status"] for authorization in transfers(order, "authorizations")}
    statuses = {fact.status for fact in captures}
    standings = (
        (TransferStatus.SUCCEEDED in statuses, PaymentStatus.CAPTURED, ""),
        (has_live and authorizations == {"PENDING"}, PaymentStatus.CREATED, ""),
        # The customer cannot pay again while a capture is pending, so the money counts as promised.
        (has_live or TransferStatus.PENDING in statuses, PaymentStatus.AUTHORIZED, ""),
        ("DENIED" in authorizations, PaymentStatus.FAILED, "authorization_denied"),
        (authorizations or order["status"] == "VOIDED", PaymentStatus.VOIDED, ""),
        (statuses, PaymentStatus.FAILED, "capture_declined"),
    )
    return next(((status, code) for holds, status, code in standings if holds), (PaymentStatus.CREATED, ""))


def _approve_url(order: Document) -> str:
    """Where the customer approves. PayPal names it only before the first time; after a refused instrument they go
    there again: https://developer.paypal.com/docs/checkout/standard/customize/handle-funding-failures/
    """
    if order["status"] == "APPROVED":
        site = settings.PAYPAL_API_URL.rstrip("/").replace("//api-m.", "//www.")
        return f"{site}/checkoutnow?token={order['id']}"
    return _link(order, "payer-action", "approve")


def _link(document: Document, *relations: str) -> str:
    for link in document.get("links") or []:
        if link["rel"] in relations:
            return str(link["href"])
    return ""


def capture_behind(refund: Document) -> str:
    """The id of the capture that a refund gives back: its link `up`."""
    return _link(refund, "up").rpartition("/captures/")[2]


def order_of(capture: Document) -> str:
    """The id of the order that a capture belongs to; empty for one that was not made through orders."""
    ids = (capture.get("supplementary_data") or {}).get("related_ids") or {}
    return str(ids.get("order_id") or "")
