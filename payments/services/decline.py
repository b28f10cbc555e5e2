"""When a provider says no."""

from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from kernel.money import format_amount
from orders.services.read import lock_order
from payments.events import PaymentFailed
from payments.gateways.base import Declined
from payments.models import Operation, Payment
from payments.services.cases import open_case
from payments.services.settle import move_refund
from payments.services.totals import note_given_back, tell_order
from payments.states import NOTHING_YET, CaseKind, OperationKind, PaymentStatus, TransferStatus


def record_refusal(*, operation: Operation, payment: Payment, refusal: Declined, by: Actor) -> None:
    """Undo what the operation had set aside on its payment, which the caller has locked."""
    order = lock_order(payment.order_id)
    kind = OperationKind(operation.kind)
    if kind in {OperationKind.CREATE, OperationKind.COMPLETE}:
        _fail(payment, refusal, by=by)
    elif kind == OperationKind.REFUND and operation.refund and operation.refund.status == TransferStatus.PENDING:
        move_refund(payment, operation.refund, to=TransferStatus.FAILED)
        payment.save(update_fields=["refunding", "refunded"])
        note_given_back(order)
    elif kind == OperationKind.CAPTURE:
        _give_up_capture(payment, operation, refusal)


def _fail(payment: Payment, refusal: Declined, *, by: Actor) -> None:
    if payment.status not in NOTHING_YET:
        return
    payment.status, payment.failure_code = PaymentStatus.FAILED, refusal.code[:100]
    payment.save(update_fields=["status", "failure_code"])
    order = tell_order(payment.order_id, by=by)
    publish(PaymentFailed(order_id=order.pk, version=order.version, payment_id=str(payment.pk)), by=by)


def _give_up_capture(payment: Payment, operation: Operation, refusal: Declined) -> None:
    capture = operation.capture
    if capture is None or capture.status != TransferStatus.PENDING:
        return
    capture.status, capture.settled_at = TransferStatus.FAILED, timezone.now()
    capture.save(update_fields=["status", "settled_at"])
    payment.capturing -= capture.amount
    payment.save(update_fields=["capturing"])
    amount = f"{format_amount(capture.amount, payment.currency)} {payment.currency}"
    open_case(
        kind=CaseKind.CAPTURE_FAILED,
        about=f"capture {capture.pk}",
        detail=f"{amount} could not be taken: {refusal.detail}",
        order_id=payment.order_id,
        payment_id=payment.pk,
    )
