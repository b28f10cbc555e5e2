"""What each operation asks of its provider, and how to see whether it has already happened."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings

from payments.gateways.base import Declined, Gateway, Money, Request, Snapshot, Unclear
from payments.gateways.registry import gateway_of
from payments.models import Capture, Operation
from payments.services.queue import UNFINISHED
from payments.states import OperationKind, PaymentStatus, TransferStatus

# Clocks differ, ours and theirs.
CLOCK_SKEW = timedelta(minutes=5)


def request_of(operation: Operation) -> Request:
    payment = operation.payment
    return Request(
        payment_id=payment.pk,
        order_number=payment.order.number,
        money=Money(payment.amount, payment.currency),
        capture_at_once=not settings.SHOP_CAPTURE_AT_SHIPMENT,
        return_url=payment.return_url,
        key=operation.key,
    )


def ask(operation: Operation) -> Snapshot:
    """One call, in the operation's name. Raises `Declined` and `Unclear`."""
    return ASK[OperationKind(operation.kind)](gateway_of(operation.payment.provider), operation)


def evidence(operation: Operation) -> Snapshot | None:
    """The provider's book, if it shows that this has happened. Raises `Declined` and `Unclear`."""
    gateway = gateway_of(operation.payment.provider)
    if operation.kind == OperationKind.CREATE:
        return gateway.find(request_of(operation), since=operation.created_at - CLOCK_SKEW)
    if not operation.payment.provider_reference:
        return None
    snapshot = gateway.look_up(operation.payment.provider_reference)
    return snapshot if HAS_HAPPENED[OperationKind(operation.kind)](operation, snapshot) else None


def _capture(gateway: Gateway, operation: Operation) -> Snapshot:
    capture = operation.capture
    assert capture is not None
    payment = operation.payment
    rest = payment.authorized - payment.captured - capture.amount
    return gateway.capture(
        payment.provider_reference,
        Money(capture.amount, payment.currency),
        is_last=rest <= 0,
        key=operation.key,
    )


def _void(gateway: Gateway, operation: Operation) -> Snapshot:
    reference = operation.payment.provider_reference
    if not reference:
        opening = operation.payment.operations.filter(kind=OperationKind.CREATE, state__in=UNFINISHED)
        if opening.exists():
            raise Unclear("Whether there is anything to give up is not known yet.")
        raise Declined("never_opened", "The provider has never opened it.")
    return gateway.void(reference, key=operation.key)


def _refund(gateway: Gateway, operation: Operation) -> Snapshot:
    refund = operation.refund
    assert refund is not None
    return gateway.refund(
        operation.payment.provider_reference,
        Money(refund.amount, operation.payment.currency),
        refund_id=refund.pk,
        reason=refund.reason,
        key=operation.key,
    )


def _shows_capture(operation: Operation, snapshot: Snapshot) -> bool:
    """More was captured there than we have heard of."""
    assert operation.capture is not None
    if operation.capture.status != TransferStatus.PENDING:
        return True
    known = Capture.objects.filter(payment_id=operation.payment_id).exclude(provider_reference="")
    heard = set(known.values_list("provider_reference", flat=True))
    new = (fact.amount for fact in snapshot.captures if fact.reference not in heard)
    return operation.capture.amount in new


ASK: dict[OperationKind, Callable[[Gateway, Operation], Snapshot]] = {
    OperationKind.CREATE: lambda gateway, operation: gateway.create(request_of(operation)),
    OperationKind.COMPLETE: lambda gateway, operation: gateway.complete(
        operation.payment.provider_reference, key=operation.key
    ),
    OperationKind.CAPTURE: _capture,
    OperationKind.VOID: _void,
    OperationKind.REFUND: _refund,
}
HAS_HAPPENED: dict[OperationKind, Callable[[Operation, Snapshot], bool]] = {
    OperationKind.COMPLETE: lambda _, snapshot: snapshot.status in {PaymentStatus.CAPTURED, PaymentStatus.AUTHORIZED},
    OperationKind.CAPTURE: _shows_capture,
    OperationKind.VOID: lambda _, snapshot: snapshot.status == PaymentStatus.VOIDED,
    OperationKind.REFUND: lambda operation, snapshot: any(
        fact.ours == str(operation.refund_id) for fact in snapshot.refunds
    ),
}
