"""Stripe's objects as facts of ours, and amounts in the units it counts in."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kernel.money import CURRENCIES, exponent, is_exact, quantize
from payments.gateways.base import Declined, DisputeFact, Money, Snapshot, TransferFact
from payments.states import DisputeStatus, PaymentStatus, TransferStatus

Document = dict[str, Any]

# Where Stripe departs from ISO 4217 (https://docs.stripe.com/currencies, "Zero-decimal currencies" and "Special
# cases"): whole krónur and shillings travel as hundredths, an ariary without its fifths. Forints and Taiwan dollars
# are charged with two decimals and only paid out without.
_DECIMALS = {"ISK": 2, "UGX": 2, "MGA": 0}
# The smallest step in those units: no fractions of a króna, and the last of three decimals must be 0.
_STEPS = {"ISK": 100, "UGX": 100}
_STEP_OF_THREE_DECIMALS = 10

_PAYMENT = {
    "requires_capture": PaymentStatus.AUTHORIZED,
    "succeeded": PaymentStatus.CAPTURED,
    "canceled": PaymentStatus.VOIDED,
}
_REFUND = {
    "pending": TransferStatus.PENDING,
    "requires_action": TransferStatus.PENDING,
    "succeeded": TransferStatus.SUCCEEDED,
    "failed": TransferStatus.FAILED,
    "canceled": TransferStatus.FAILED,
}
# A warning that was closed, and what was prevented, never became a chargeback.
_DISPUTE = {
    "won": DisputeStatus.WON,
    "warning_closed": DisputeStatus.WON,
    "prevented": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
}


def decimals(currency: str) -> int:
    """How many decimals of a currency Stripe counts in: two unless said otherwise."""
    if currency in _DECIMALS:
        return _DECIMALS[currency]
    return exponent(currency) if currency in CURRENCIES else 2


def to_units(money: Money) -> int:
    """What Stripe calls the amount. Raises `Declined` (`amount_not_supported`) where it cannot be said exactly."""
    digits = decimals(money.currency)
    step = _STEPS.get(money.currency, _STEP_OF_THREE_DECIMALS if digits == 3 else 1)
    units = money.amount.scaleb(digits)
    if units % step:
        raise Declined("amount_not_supported", f"Stripe takes no {money.amount} {money.currency}.")
    return int(units)


def from_units(units: int, currency: str) -> Decimal:
    """Major units of a currency in any case, with its own decimals where those say it exactly."""
    code = currency.upper()
    amount = Decimal(units).scaleb(-decimals(code))
    return quantize(amount, code) if code in CURRENCIES and is_exact(amount, code) else amount


def money_of(units: int, currency: str) -> Money:
    return Money(from_units(units, currency), currency.upper())


def instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def snapshot_of(
    intent: Document, *, account: str, refunds: Iterable[Document] = (), disputes: Iterable[Document] = ()
) -> Snapshot:
    """A PaymentIntent with its `latest_charge` expanded, the refunds and the disputes of that charge."""
    currency = intent["currency"]
    charge = charge_of(intent)
    captured = charge["amount_captured"] if is_captured(charge) else 0
    metadata = intent.get("metadata") or {}
    return Snapshot(
        reference=intent["id"],
        status=payment_status(intent),
        money=money_of(intent["amount"], currency),
        payment_id=metadata.get("payment_id", ""),
        order_number=metadata.get("order_number", ""),
        # Without a destination the money stays with the account whose key we hold.
        payee=(intent.get("transfer_data") or {}).get("destination") or account,
        authorized=from_units((intent.get("amount_capturable") or 0) + captured, currency),
        captures=(capture_fact(charge),) if is_captured(charge) else (),
        refunds=tuple(refund_fact(refund) for refund in refunds),
        disputes=tuple(dispute_fact(dispute) for dispute in disputes),
        failure_code=_failure_code(intent),
        authorization_expires_at=_expires_at(charge),
        client_secret=intent.get("client_secret") or "",
    )


def charge_of(intent: Document) -> Document:
    """The last attempt to take the money; empty while there is none."""
    charge = intent.get("latest_charge")
    return charge if isinstance(charge, dict) else {}


def is_captured(charge: Document) -> bool:
    """Whether the money has arrived. A bank debit that is under way counts as captured at Stripe already."""
    return bool(charge.get("captured")) and charge.get("status") == "succeeded"


def payment_status(intent: Document) -> PaymentStatus:
    if intent["status"] == "requires_payment_method" and intent.get("last_payment_error"):
        return PaymentStatus.FAILED
    return _PAYMENT.get(intent["status"], PaymentStatus.CREATED)


def capture_fact(charge: Document) -> TransferFact:
    """An intent has one charge that succeeds, captured once: its id names the capture too."""
    amount = from_units(charge["amount_captured"], charge["currency"])
    return TransferFact(charge["id"], amount, TransferStatus.SUCCEEDED)


def refund_fact(refund: Document) -> TransferFact:
    return TransferFact(
        reference=refund["id"],
        amount=from_units(refund["amount"], refund["currency"]),
        status=_REFUND.get(refund.get("status") or "", TransferStatus.PENDING),
        ours=(refund.get("metadata") or {}).get("refund_id", ""),
    )


def dispute_fact(dispute: Document) -> DisputeFact:
    return DisputeFact(
        reference=dispute["id"],
        amount=from_units(dispute["amount"], dispute["currency"]),
        status=_DISPUTE.get(dispute["status"], DisputeStatus.OPEN),
        reason=dispute.get("reason") or "",
    )


def _failure_code(intent: Document) -> str:
    error = intent.get("last_payment_error") or {}
    return error.get("decline_code") or error.get("code") or error.get("type") or ""


def _expires_at(charge: Document) -> datetime | None:
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    before = card.get("capture_before")
    return instant(before) if before else None
