"""Money going back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.errors import Busy, Invalid
from kernel.money import ZERO, format_amount
from orders.models import Order
from orders.services.read import lock_order
from payments.errors import AmountExceedsCaptured
from payments.events import RefundSucceeded
from payments.gift_cards.services import credit_refund
from payments.models import Payment, Refund, RefundLine
from payments.services.amounts import checked
from payments.services.queue import ask_to_refund
from payments.services.refund_parts import Part, priced_parts, refunded_before_cancelled
from payments.services.settle import lock_payment, lock_payments
from payments.services.totals import given_back, note_given_back, tell_order
from payments.states import SETTLED_HERE, Provider, RefundCause, TransferStatus


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be given back: an amount, or units by line id and perhaps the shipping; nothing means all."""

    amount: Decimal | None = None
    lines: Mapping[int, int] = field(default_factory=dict)
    shipping: bool = False


@verb
def refund_payment(*, payment_id: UUID, wanted: Wanted | None = None, reason: str, by: Actor) -> Refund:
    """Give money of one payment back; without `wanted`, all that is left of it.

    A provider is asked afterwards by `perform`; the row holds the money meanwhile. Raises `NotFound`, `Invalid`
    (decimals, an amount beside lines), `TooMany` (units refunded before) and `AmountExceedsCaptured`, which carries
    `refundable`.
    """
    wanted = wanted or Wanted()
    payment = lock_payment(payment_id)
    order = lock_order(payment.order_id)
    parts = _parts(order, wanted)
    amount = _amount(payment, wanted, parts)
    if not 0 < amount <= payment.refundable:
        left = format_amount(payment.refundable, payment.currency)
        raise AmountExceedsCaptured(
            f"Of this payment {left} {payment.currency} can still be refunded.", field="amount", refundable=left
        )
    refund = _open(payment, amount, cause=RefundCause.REQUESTED, reason=reason, by=by)
    RefundLine.objects.bulk_create(
        [RefundLine(refund=refund, line_id=part.line_id, quantity=part.quantity, amount=part.amount) for part in parts]
    )
    _tell([refund], payment.order_id, by=by)
    return refund


def _parts(order: Order, wanted: Wanted) -> list[Part]:
    if not wanted.lines and not wanted.shipping:
        return []
    if wanted.amount is not None:
        raise Invalid("Either an amount, or lines and shipping.", field="amount")
    return priced_parts(order, lines=wanted.lines, shipping=wanted.shipping)


def _amount(payment: Payment, wanted: Wanted, parts: Sequence[Part]) -> Decimal:
    if parts:
        return sum((part.amount for part in parts), ZERO)
    return payment.refundable if wanted.amount is None else checked(wanted.amount, payment.currency)


@verb
def refund_cancelled_units(*, order_id: int, by: Actor) -> list[Refund]:
    """Give back what was paid and is not owed: for units cancelled since, or paid twice.

    What is owed follows from what is stored (captured, less due, less what went back for this cause), so doing it
    twice gives nothing twice. What staff refunded for other reasons, after the order was paid, is not set off
    against it; units that they refunded before they were cancelled are.
    """
    payments = lock_payments(order_id)
    order = lock_order(order_id)
    if Payment.objects.filter(order_id=order_id).count() != len(payments):
        # One more was recorded while we waited for the order; locking it now would climb. The relay tries again.
        raise Busy()
    reason = order.cancel_reason or ("units cancelled" if order.cancelled_total else "more was paid than is due")
    refunds = [
        _open(payment, part, cause=RefundCause.CANCELLED, reason=reason, by=by)
        for payment, part in _spread(_owed(order), payments)
    ]
    if refunds:
        note_given_back(order)
    _tell(refunds, order_id, by=by)
    return refunds


def _owed(order: Order) -> Decimal:
    gone = given_back(order.pk, order.paid_at) + refunded_before_cancelled(order)
    return max(order.captured_total - order.due - gone, ZERO)


def _spread(owed: Decimal, payments: Sequence[Payment]) -> list[tuple[Payment, Decimal]]:
    """From the newest payment backwards, cards before gift cards or the other way round."""
    gift_cards_first = settings.PAYMENT_REFUND_ORDER == "gift_card_first"

    def rank(payment: Payment) -> tuple[bool, float]:
        is_gift_card = payment.provider == Provider.GIFT_CARD
        return is_gift_card != gift_cards_first, -payment.created_at.timestamp()

    parts = []
    for payment in sorted(payments, key=rank):
        part = min(owed, payment.refundable)
        if part > 0:
            parts.append((payment, part))
            owed -= part
    return parts


def _open(payment: Payment, amount: Decimal, *, cause: RefundCause, reason: str, by: Actor) -> Refund:
    """Write the refund and take its money off what is left, under the payment's lock.

    One that a provider will be asked for stays pending and only sets the money aside; one that is settled here has
    succeeded already.
    """
    settled_here = payment.provider in SETTLED_HERE
    column = "refunded" if settled_here else "refunding"
    setattr(payment, column, getattr(payment, column) + amount)
    payment.save(update_fields=[column])
    now = timezone.now()
    refund = Refund.objects.create(
        payment=payment,
        provider=payment.provider,
        amount=amount,
        cause=cause,
        reason=reason,
        status=TransferStatus.SUCCEEDED if settled_here else TransferStatus.PENDING,
        created_by=str(by),
        created_at=now,
        settled_at=now if settled_here else None,
    )
    if payment.provider == Provider.GIFT_CARD:
        credit_refund(refund=refund, payment=payment, by=by)
    elif not settled_here:
        ask_to_refund(refund, by=by)
    return refund


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
