"""Money going back."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.errors import Busy, NotFound
from kernel.money import ZERO, format_amount
from orders.models import Order
from orders.services.read import lock_order
from payments.errors import AmountExceedsCaptured
from payments.events import RefundSucceeded
from payments.models import Payment, Refund
from payments.services.amounts import checked
from payments.services.totals import tell_order
from payments.states import SETTLED_HERE, RefundCause, TransferStatus


@verb
def refund_payment(*, payment_id: UUID, amount: Decimal | None = None, reason: str, by: Actor) -> Refund:
    """Give money of one payment back; without `amount`, all that is left of it.

    Raises `NotFound`, `Invalid` (decimals) and `AmountExceedsCaptured`; the latter carries `refundable`.
    """
    payment = Payment.objects.select_for_update().filter(pk=payment_id).first()
    if payment is None:
        raise NotFound("There is no such payment.")
    lock_order(payment.order_id)
    wanted = payment.refundable if amount is None else checked(amount, payment.currency)
    if not 0 < wanted <= payment.refundable:
        left = format_amount(payment.refundable, payment.currency)
        raise AmountExceedsCaptured(
            f"Of this payment {left} {payment.currency} can still be refunded.", field="amount", refundable=left
        )
    refund = _open(payment, wanted, cause=RefundCause.REQUESTED, reason=reason, by=by)
    _tell([refund], payment.order_id, by=by)
    return refund


@verb
def refund_cancelled_units(*, order_id: int, by: Actor) -> list[Refund]:
    """Give back what was paid for units that have since been cancelled, from the newest payment backwards.

    What is owed follows from what is stored (captured, less due, less what went back for this cause), so doing it
    twice gives nothing twice. What staff refunded for other reasons is not set off against it.
    """
    payments = list(Payment.objects.select_for_update().filter(order_id=order_id).order_by("pk"))
    order = lock_order(order_id)
    if Payment.objects.filter(order_id=order_id).count() != len(payments):
        # One more was recorded while we waited for the order; locking it now would climb. The relay tries again.
        raise Busy()
    refunds = [
        _open(payment, part, cause=RefundCause.CANCELLED, reason=order.cancel_reason or "units cancelled", by=by)
        for payment, part in _spread(_owed(order), payments)
    ]
    _tell(refunds, order_id, by=by)
    return refunds


def _owed(order: Order) -> Decimal:
    given_back = (
        Refund.objects.filter(payment__order=order, cause=RefundCause.CANCELLED)
        .exclude(status=TransferStatus.FAILED)
        .aggregate(sum=Sum("amount", default=ZERO))["sum"]
    )
    return max(order.captured_total - order.due - given_back, ZERO)


def _spread(owed: Decimal, payments: Sequence[Payment]) -> list[tuple[Payment, Decimal]]:
    parts = []
    for payment in sorted(payments, key=lambda found: found.created_at, reverse=True):
        part = min(owed, payment.refundable)
        if part > 0:
            parts.append((payment, part))
            owed -= part
    return parts


def _open(payment: Payment, amount: Decimal, *, cause: RefundCause, reason: str, by: Actor) -> Refund:
    """Write the refund and take its money off what is left, under the payment's lock.

    One that a provider will be asked for stays pending and only sets the money aside; one paid out by hand has
    succeeded already.
    """
    by_hand = payment.provider in SETTLED_HERE
    column = "refunded" if by_hand else "refunding"
    setattr(payment, column, getattr(payment, column) + amount)
    payment.save(update_fields=[column])
    now = timezone.now()
    return Refund.objects.create(
        payment=payment,
        provider=payment.provider,
        amount=amount,
        cause=cause,
        reason=reason,
        status=TransferStatus.SUCCEEDED if by_hand else TransferStatus.PENDING,
        created_by=str(by),
        created_at=now,
        settled_at=now if by_hand else None,
    )


def _tell(refunds: Sequence[Refund], order_id: int, *, by: Actor) -> None:
    """The order learns what has gone back. The caller holds all locks."""
    succeeded = [refund for refund in refunds if refund.status == TransferStatus.SUCCEEDED]
    if not succeeded:
        return
    order = tell_order(order_id, by=by)
    for refund in succeeded:
        event = RefundSucceeded(
            order_id=order_id, version=order.version, payment_id=str(refund.payment_id), refund_id=refund.pk
        )
        publish(event, by=by)
