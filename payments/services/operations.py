"""Asking a provider: lease the operation, ask outside any transaction, then record what it said.

An unclear answer keeps the operation and its key. The next attempt first looks whether it happened; only then it asks
again, with the same key. A new key is taken after the provider is done with the old one and a look-up found nothing.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from api.actors import Actor
from audit.verbs import verb
from kernel.errors import NotFound, Refused
from payments.errors import ProviderBusy, ProviderRefused
from payments.gateways.base import Declined, Snapshot, Unclear
from payments.models import Operation, Payment
from payments.services.asking import ask, evidence
from payments.services.bulkhead import calling
from payments.services.cases import open_case
from payments.services.decline import record_refusal
from payments.services.queue import UNFINISHED
from payments.services.settle import lock_payment, settle
from payments.states import CaseKind, OperationKind, OperationState, PaymentStatus, TransferStatus

LEASE = timedelta(seconds=60)
LONGEST_WAIT = timedelta(minutes=10)
ATTEMPTS_BEFORE_A_CASE = 8
BATCH = 50
# A run of many slow answers ends well before the worker's own limit.
RUN_SECONDS = 90
# Each has a row that holds money until it is settled.
TRANSFERS = frozenset({OperationKind.CAPTURE, OperationKind.REFUND})
logger = structlog.get_logger(__name__)


def perform(operation_id: UUID) -> Snapshot | None:
    """Do what the operation says, or find out what became of it. None when it has been finished before.

    Raises `ProviderBusy` when somebody else is asking, when too many calls are under way, and when the answer was
    unclear: the operation stays and the sweep goes on with it. Raises `ProviderRefused` on a definite no.
    """
    with calling():
        operation = _claim(operation_id)
        if operation is None:
            return None
        try:
            with _put_off_when_broken(operation):
                snapshot = _ask(operation)
        except Declined as refusal:
            _close(operation_id=operation_id, refusal=refusal, by=_asker(operation))
            raise ProviderRefused(refusal.detail, provider_code=refusal.code) from refusal
        except Unclear as unclear:
            _postpone(operation, unclear)
            raise ProviderBusy("The provider did not answer. We find out what happened.") from unclear
    with _put_off_when_broken(operation):
        _conclude(operation, snapshot)
    return snapshot


def perform_due() -> int:
    """The sweep: everything that is due, as far as it comes in its time. Returns how many were asked."""
    asked, until = 0, time.monotonic() + RUN_SECONDS
    due = Operation.objects.filter(state__in=UNFINISHED, due_at__lte=timezone.now()).order_by("due_at")
    for operation_id in list(due.values_list("pk", flat=True)[:BATCH]):
        if time.monotonic() > until:
            break
        perform_quietly(operation_id)
        asked += 1
    return asked


def perform_quietly(operation_id: UUID) -> None:
    """`perform` where nobody waits for the answer: what it refuses is recorded, or done later."""
    try:
        perform(operation_id)
    except Refused as refusal:
        logger.info("operation_not_done", operation=str(operation_id), why=refusal.text)
    except Exception as error:
        # One that cannot be done must not keep the others of a sweep from being done.
        logger.exception("operation_broke", operation=str(operation_id), exc_info=error)


@contextmanager
def _put_off_when_broken(operation: Operation) -> Iterator[None]:
    """An answer that cannot be read or kept is as good as none: asked again later, and in the end by a person."""
    try:
        yield
    except (Declined, Unclear, Refused):
        raise
    except Exception as problem:
        _postpone(operation, Unclear(f"Its answer cannot be used: {type(problem).__name__}."))
        raise


def _asker(operation: Operation) -> Actor:
    return Actor.parse(operation.created_by)


def _claim(operation_id: UUID) -> Operation | None:
    """Take the lease, with `unknown` committed before the call: who dies in between leaves a question, not a lie."""
    with transaction.atomic():
        locked = Operation.objects.select_for_update(of=("self",)).select_related("payment__order", "capture", "refund")
        operation = locked.filter(pk=operation_id).first()
        if operation is None:
            raise NotFound("There is no such operation.")
        if operation.state == OperationState.FAILED:
            raise ProviderRefused(operation.last_error)
        if operation.state not in UNFINISHED:
            return None
        now = timezone.now()
        if operation.leased_until and operation.leased_until > now:
            raise ProviderBusy("The provider is being asked already.", retry_after=1)
        operation.state = OperationState.UNKNOWN
        operation.attempts += 1
        operation.leased_until = operation.due_at = now + LEASE
        operation.save(update_fields=["state", "attempts", "leased_until", "due_at"])
    return operation


def _ask(operation: Operation) -> Snapshot:
    """The provider's answer. After an earlier attempt, what its book shows comes first."""
    found = _looked_up(operation) if operation.attempts > 1 else None
    if found is not None:
        return found
    try:
        return ask(operation)
    except Unclear as unclear:
        if not unclear.is_final:
            raise
        found = _looked_up(operation)
        if found is not None:
            return found
        # The provider repeats this failure for this key for ever, and its book has nothing: a new key is safe.
        operation.key_number += 1
        operation.save(update_fields=["key_number"])
        raise


def _looked_up(operation: Operation) -> Snapshot | None:
    """`evidence`, where being refused a look says nothing about what happened earlier."""
    try:
        return evidence(operation)
    except Declined as refusal:
        if operation.kind == OperationKind.CREATE or refusal.code == "not_found":
            raise
        raise Unclear(f"It cannot be looked up: {refusal}") from refusal


def _conclude(operation: Operation, snapshot: Snapshot) -> None:
    """Settle, and say what did not come of it: a provider can answer and yet not be believed."""
    if _finish(operation_id=operation.pk, snapshot=snapshot, by=_asker(operation)):
        return
    if operation.kind == OperationKind.CREATE:
        raise ProviderRefused("What the provider has opened is not this payment.", provider_code="payment_mismatch")
    if operation.kind in TRANSFERS:
        _postpone(operation, Unclear("The provider's book does not show it as ours."))


@verb
def _finish(*, operation_id: UUID, snapshot: Snapshot, by: Actor) -> bool:
    """Whether it has come about. A transfer that has not stays unanswered, since its row holds money."""
    payment = settle(payment_id=_payment_id(operation_id), snapshot=snapshot, by=by)
    operation = Operation.objects.select_related("capture", "refund").get(pk=operation_id)
    if _came_about(operation, payment, snapshot):
        _end(operation_id, OperationState.DONE)
        return True
    if operation.kind not in TRANSFERS:
        _end(operation_id, OperationState.FAILED, error="It did not come about.")
    return False


def _came_about(operation: Operation, payment: Payment, snapshot: Snapshot) -> bool:
    transfer = operation.capture or operation.refund
    if transfer is not None:
        return transfer.status != TransferStatus.PENDING or bool(transfer.provider_reference)
    if operation.kind == OperationKind.CREATE:
        return payment.provider_reference == snapshot.reference
    return operation.kind != OperationKind.VOID or payment.status == PaymentStatus.VOIDED


@verb
def _close(*, operation_id: UUID, refusal: Declined, by: Actor) -> None:
    payment = lock_payment(_payment_id(operation_id))
    operation = Operation.objects.select_related("capture", "refund").get(pk=operation_id)
    if operation.state in UNFINISHED:
        record_refusal(operation=operation, payment=payment, refusal=refusal, by=by)
        _end(operation_id, OperationState.FAILED, error=str(refusal))


def _payment_id(operation_id: UUID) -> UUID:
    found: UUID = Operation.objects.values_list("payment_id", flat=True).get(pk=operation_id)
    return found


def _end(operation_id: UUID, state: OperationState, *, error: str = "") -> None:
    Operation.objects.filter(pk=operation_id, state__in=UNFINISHED).update(
        state=state, finished_at=timezone.now(), leased_until=None, last_error=error[:500]
    )


def _postpone(operation: Operation, unclear: Unclear) -> None:
    wait = min(timedelta(seconds=5 * 2 ** min(operation.attempts - 1, 10)), LONGEST_WAIT)
    Operation.objects.filter(pk=operation.pk, state=OperationState.UNKNOWN).update(
        due_at=timezone.now() + wait, leased_until=None, last_error=str(unclear)[:500]
    )
    if operation.attempts >= ATTEMPTS_BEFORE_A_CASE:
        with transaction.atomic():
            open_case(
                kind=CaseKind.STUCK,
                about=f"{operation.kind} {operation.pk}",
                detail=f"Asked {operation.attempts} times without a clear answer: {unclear}",
                order_id=operation.payment.order_id,
                payment_id=operation.payment_id,
            )
