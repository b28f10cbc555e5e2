"""Believing a provider: the one way in which the browser's return, a webhook, the sweeper, reconciliation and staff
make its book ours."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.errors import NotFound
from orders.models import Order
from orders.services.read import lock_order
from payments.events import PaymentCaptured, PaymentFailed, RefundSucceeded
from payments.gateways.base import Snapshot, TransferFact
from payments.gateways.registry import gateway_of
from payments.models import Capture, Payment, Refund
from payments.services.cases import open_case
from payments.services.disputes import record_dispute
from payments.services.queue import complete_later
from payments.services.totals import tell_order
from payments.services.truth import authorized_now, disagreement, status_now
from payments.states import CaseKind, PaymentStatus, RefundCause, TransferStatus

NEWS = ("status", "authorized", "capturing", "captured", "refunding", "refunded")


@dataclass(slots=True)
class News:
    """What the snapshot told that we did not know."""

    captured: bool = False
    refunds: list[Refund] = field(default_factory=list)


@verb
def settle(*, payment_id: UUID, snapshot: Snapshot, by: Actor) -> Payment:
    """Take over what the provider's book says of a payment, and let its order draw the conclusions.

    Captures, refunds and disputes are sets that only grow, so snapshots may come late, twice and in any order. When
    amount, currency, order, payee or our id on it are others, nothing is believed and staff get a case. Raises
    `NotFound`.
    """
    payment = lock_payment(payment_id)
    order = lock_order(payment.order_id)
    wrong = disagreement(payment, order, snapshot, payee=gateway_of(payment.provider).payee)
    if wrong:
        open_case(
            kind=CaseKind.PAYMENT_MISMATCH,
            about=snapshot.reference,
            detail=wrong,
            order_id=order.pk,
            payment_id=payment.pk,
        )
        return payment
    before = _figures(payment)
    news = News()
    for capture in snapshot.captures:
        _take_capture(payment, capture, news, by=by)
    for refund in snapshot.refunds:
        _take_refund(payment, refund, news, by=by)
    has_failed = _take_status(payment, snapshot)
    if _figures(payment) != before or payment.provider_reference != snapshot.reference:
        payment.provider_reference = snapshot.reference
        payment.save()
    for dispute in snapshot.disputes:
        record_dispute(payment=payment, fact=dispute, by=by)
    if snapshot.is_approved and payment.status == PaymentStatus.CREATED:
        complete_later(payment, by=by)
    if _figures(payment) != before:
        _tell(payment, news, has_failed=has_failed, by=by)
    return payment


def lock_payment(payment_id: UUID) -> Payment:
    """The payment, locked against all but new rows that point at it. Raises `NotFound`."""
    payment = Payment.objects.select_for_update(no_key=True).filter(pk=payment_id).first()
    if payment is None:
        raise NotFound("There is no such payment.")
    return payment


def lock_payments(order_id: int) -> list[Payment]:
    """All payments of an order, locked as `lock_payment` does: before the order, as everywhere."""
    return list(Payment.objects.select_for_update(no_key=True).filter(order_id=order_id).order_by("pk"))


def _figures(payment: Payment) -> tuple[object, ...]:
    return (*(getattr(payment, name) for name in NEWS), payment.failure_code, payment.authorization_expires_at)


def _take_capture(payment: Payment, fact: TransferFact, news: News, *, by: Actor) -> None:
    known = Capture.objects.filter(provider=payment.provider, provider_reference=fact.reference).first()
    if known is None:
        # Ours, if we asked for one of that amount and have not heard its name yet.
        waiting = Capture.objects.filter(payment=payment, status=TransferStatus.PENDING, provider_reference="")
        # Of several, one that was asked for already.
        known = waiting.filter(amount=fact.amount).order_by("-operation__attempts", "pk").first()
    if known is None:
        known = Capture(payment=payment, provider=payment.provider, amount=fact.amount, created_by=str(by))
        payment.capturing += fact.amount
    if known.status != TransferStatus.PENDING:
        return
    known.provider_reference = fact.reference
    known.status = fact.status
    known.settled_at = None if fact.status == TransferStatus.PENDING else timezone.now()
    known.save()
    if fact.status != TransferStatus.PENDING:
        payment.capturing -= known.amount
    if fact.status == TransferStatus.SUCCEEDED:
        payment.captured += known.amount
        news.captured = True


def _take_refund(payment: Payment, fact: TransferFact, news: News, *, by: Actor) -> None:
    known = _known_refund(payment, fact)
    if known is None:
        if fact.status == TransferStatus.FAILED:
            return
        known = Refund(
            payment=payment,
            provider=payment.provider,
            amount=fact.amount,
            cause=RefundCause.EXTERNAL,
            reason="made at the provider",
            created_by=str(by),
        )
        _make_room(payment, fact.amount)
        payment.refunding += fact.amount
    # One that we took for refused has no name of theirs yet: if their book shows it, it was not.
    has_failed = known.status == TransferStatus.FAILED
    if has_failed and (known.provider_reference or fact.status == TransferStatus.FAILED):
        return
    if known.status == fact.status and known.provider_reference:
        return
    if has_failed:
        _make_room(payment, known.amount)
    move_refund(payment, known, to=fact.status, reference=fact.reference)
    if fact.status == TransferStatus.SUCCEEDED:
        news.refunds.append(known)


def _make_room(payment: Payment, amount: Decimal) -> None:
    """Take back promises of ours that the provider can no longer keep: it has given that money to others.

    Should it have kept one all the same, its book shows that, and then it is believed.
    """
    beyond = payment.refunded + payment.refunding + amount - payment.captured
    waiting = Refund.objects.filter(payment=payment, status=TransferStatus.PENDING, provider_reference="")
    for refund in waiting.order_by("-pk"):
        if beyond <= 0:
            return
        move_refund(payment, refund, to=TransferStatus.FAILED)
        beyond -= refund.amount


def _known_refund(payment: Payment, fact: TransferFact) -> Refund | None:
    found = Refund.objects.filter(provider=payment.provider, provider_reference=fact.reference).first()
    if found is None and fact.ours.isdecimal():
        found = Refund.objects.filter(payment=payment, pk=int(fact.ours), provider_reference="").first()
    return found


def move_refund(payment: Payment, refund: Refund, *, to: TransferStatus, reference: str = "") -> None:
    """Bring a refund to another status with its payment's counters; the caller holds both and saves the payment.

    From success it can still fail: a bank may send the money back weeks later.
    """
    column = {TransferStatus.PENDING: "refunding", TransferStatus.SUCCEEDED: "refunded"}
    if refund.status == TransferStatus.SUCCEEDED and to == TransferStatus.PENDING:
        to = TransferStatus.SUCCEEDED
    if leaving := column.get(TransferStatus(refund.status)):
        setattr(payment, leaving, getattr(payment, leaving) - refund.amount)
    if entering := column.get(to):
        setattr(payment, entering, getattr(payment, entering) + refund.amount)
    refund.status = to
    refund.provider_reference = reference or refund.provider_reference
    refund.settled_at = None if to == TransferStatus.PENDING else (refund.settled_at or timezone.now())
    refund.save()
    if to == TransferStatus.FAILED:
        open_case(
            kind=CaseKind.REFUND_FAILED,
            about=f"refund {refund.pk}",
            detail=f"A refund of {refund.amount.normalize():f} {payment.currency} failed at the provider.",
            order_id=payment.order_id,
            payment_id=payment.pk,
        )


def _take_status(payment: Payment, snapshot: Snapshot) -> bool:
    """The amounts and the status that follow. Returns whether an attempt to pay has just failed."""
    payment.authorized = min(authorized_now(payment, snapshot, payment.captured), payment.amount)
    payment.authorization_expires_at = snapshot.authorization_expires_at or payment.authorization_expires_at
    failed_before = (payment.status, payment.failure_code)
    payment.status = status_now(payment, snapshot)
    if payment.status == PaymentStatus.FAILED:
        payment.failure_code = snapshot.failure_code or "declined"
    elif payment.status in {PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED}:
        payment.failure_code = ""  # an earlier refusal is over
    return payment.status == PaymentStatus.FAILED and (payment.status, payment.failure_code) != failed_before


def _tell(payment: Payment, news: News, *, has_failed: bool, by: Actor) -> Order:
    order = tell_order(payment.order_id, by=by)
    about: dict[str, Any] = {"order_id": order.pk, "version": order.version, "payment_id": str(payment.pk)}
    if news.captured:
        publish(PaymentCaptured(**about), by=by)
    for refund in news.refunds:
        publish(RefundSucceeded(**about, refund_id=refund.pk), by=by)
    if has_failed:
        publish(PaymentFailed(**about), by=by)
    payment.order = order
    return order
