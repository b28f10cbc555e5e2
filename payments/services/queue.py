"""Writing down what a provider is to be asked, in the transaction that decides it; it is asked after commit."""

from django.db import transaction

from api.actors import Actor
from audit.hints import hint
from payments.models import Capture, Operation, Payment, Refund
from payments.states import OperationKind, OperationState

UNFINISHED = (OperationState.PENDING, OperationState.UNKNOWN)
PERFORM = "payments.tasks.perform"


def ask_to_create(payment: Payment, *, by: Actor) -> Operation:
    """The caller performs it after commit, since the customer waits for the answer."""
    return Operation.objects.create(payment=payment, kind=OperationKind.CREATE, created_by=str(by))


def ask_to_capture(capture: Capture, *, by: Actor) -> Operation:
    return _later(
        Operation(payment_id=capture.payment_id, kind=OperationKind.CAPTURE, capture=capture, created_by=str(by))
    )


def ask_to_refund(refund: Refund, *, by: Actor) -> Operation:
    return _later(Operation(payment_id=refund.payment_id, kind=OperationKind.REFUND, refund=refund, created_by=str(by)))


def ask_to_void(payment: Payment, *, by: Actor) -> Operation:
    """Once per payment, however often it is asked for."""
    return _once(payment, OperationKind.VOID, by=by)


def complete_later(payment: Payment, *, by: Actor) -> Operation:
    """Take what the customer has approved. One at a time, under the payment's lock."""
    return _once(payment, OperationKind.COMPLETE, by=by)


def _once(payment: Payment, kind: OperationKind, *, by: Actor) -> Operation:
    open_one = Operation.objects.filter(payment=payment, kind=kind, state__in=UNFINISHED).first()
    return open_one or _later(Operation(payment=payment, kind=kind, created_by=str(by)))


def _later(operation: Operation) -> Operation:
    operation.save(force_insert=True)
    operation_id = str(operation.pk)
    transaction.on_commit(lambda: hint(PERFORM, operation_id, queue="money"), robust=True)
    return operation
