"""One suspect, looked up by itself and repaired where its provider's word is enough."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from api.actors import Actor
from kernel.errors import Refused
from payments.gateways.base import Declined, Snapshot
from payments.gateways.registry import gateway_of
from payments.models import Payment
from payments.reconciliation.books import ours_of
from payments.reconciliation.compare import Found, compare, records_of
from payments.services.settle import settle

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Examination:
    """What differed in a payment when it was looked up, and what still did after settling."""

    reference: str
    before: list[Found]
    after: list[Found]
    payment_id: UUID | None = None


def examine(provider: str, reference: str, *, by: Actor) -> Examination:
    """Ask the provider about one payment and settle what differs. Raises `Unclear`, and `Declined` but for a payment
    that it does not know: that is a finding.
    """
    snapshot = _look_up(provider, reference)
    theirs = records_of(snapshot) if snapshot else []
    before = compare(theirs, ours_of(provider, reference))
    payment = _payment_of(provider, reference, snapshot)
    if snapshot is None or not before or payment is None:
        return Examination(reference, before, before, payment.pk if payment else None)
    if payment.provider_reference in {"", reference} or snapshot.captures:
        _settle(payment, snapshot, by=by)
    return Examination(reference, before, compare(theirs, ours_of(provider, reference)), payment.pk)


def _look_up(provider: str, reference: str) -> Snapshot | None:
    try:
        return gateway_of(provider).look_up(reference)
    except Declined as refusal:
        if refusal.code != "not_found":
            raise
        return None


def _payment_of(provider: str, reference: str, snapshot: Snapshot | None) -> Payment | None:
    """The payment of that name, or the one whose id the provider's object carries."""
    payments = Payment.objects.filter(provider=provider)
    found = payments.filter(provider_reference=reference).first()
    if found is not None or snapshot is None:
        return found
    try:
        return payments.filter(pk=UUID(snapshot.payment_id)).first()
    except ValueError:
        return None


def _settle(payment: Payment, snapshot: Snapshot, *, by: Actor) -> None:
    try:
        settle(payment_id=payment.pk, snapshot=snapshot, by=by)
    except Refused as refusal:
        logger.warning("difference_not_repaired", payment=str(payment.pk), why=refusal.text)
