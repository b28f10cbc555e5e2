"""When the customer's bank takes the money back, or wants to."""

import contextlib

from django.db import transaction
from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from kernel.errors import NotAllowedNow
from kernel.money import format_amount
from orders.services import place_hold
from orders.services.read import lock_order
from orders.states import HoldKind
from payments.events import DisputeOpened
from payments.gateways.base import DisputeFact
from payments.models import Dispute, Payment
from payments.services.cases import open_case
from payments.states import CaseKind, DisputeStatus


def record_dispute(*, payment: Payment, fact: DisputeFact, by: Actor) -> Dispute:
    """Keep the fact; a new one holds the order back and asks staff to answer it. The caller holds all locks."""
    dispute, is_new = Dispute.objects.get_or_create(
        provider=payment.provider,
        provider_reference=fact.reference,
        defaults={"payment": payment, "amount": fact.amount, "reason": fact.reason[:100]},
    )
    if dispute.status == DisputeStatus.OPEN and fact.status != DisputeStatus.OPEN:
        dispute.status, dispute.closed_at = fact.status, timezone.now()
        dispute.save(update_fields=["status", "closed_at"])
    if is_new:
        _raise_alarm(payment, dispute, by=by)
    return dispute


def _raise_alarm(payment: Payment, dispute: Dispute, *, by: Actor) -> None:
    open_case(
        kind=CaseKind.DISPUTE,
        about=dispute.provider_reference,
        detail=f"{format_amount(dispute.amount, payment.currency)} {payment.currency} disputed: {dispute.reason}",
        order_id=payment.order_id,
        payment_id=payment.pk,
    )
    order = lock_order(payment.order_id)
    if not any(hold.kind == HoldKind.PAYMENT_REVIEW and hold.released_at is None for hold in order.holds.all()):
        # Where everything has left, there is nothing to hold back.
        with contextlib.suppress(NotAllowedNow), transaction.atomic():
            place_hold(order_id=order.pk, kind=HoldKind.PAYMENT_REVIEW, note="The payment is disputed.", by=by)
    order = lock_order(payment.order_id)
    publish(
        DisputeOpened(order_id=order.pk, version=order.version, payment_id=str(payment.pk), dispute_id=dispute.pk),
        by=by,
    )
