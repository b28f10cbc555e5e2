"""Telling a tax provider: lease the operation, call outside any transaction, record what it said.

What was told and not answered is told again under the same reference, which the provider takes only once.
"""

import time
from datetime import timedelta

import structlog
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from api.actors import Actor
from audit.verbs import verb
from kernel.errors import NotFound
from orders.models import TaxDocument, TaxOperation, TaxReversal
from orders.tax.provider import ALL_TAKEN_BACK, REFERENCE_TAKEN, TaxDeclined, TaxUnclear, provider_named

LEASE = timedelta(seconds=60)
LONGEST_WAIT = timedelta(minutes=10)
BATCH = 50
# A run of many slow answers ends well before the worker's own limit.
RUN_SECONDS = 90
BY = Actor.system("tell_tax_provider")
DONE_BEFORE = frozenset({REFERENCE_TAKEN, ALL_TAKEN_BACK})
Kind, State = TaxOperation.Kind, TaxOperation.State
logger = structlog.get_logger(__name__)


def tell(operation_id: int) -> None:
    """Do what the operation says. One that is not due, or told by somebody else right now, is left alone."""
    if connection.in_atomic_block:
        raise RuntimeError("A tax provider is told outside any transaction.")
    operation = _claim(operation_id)
    if operation is None:
        return
    try:
        told = _call(operation)
    except TaxDeclined as refusal:
        # Of a booking the provider has to say the id, without which nothing can be taken back: that is for a person.
        if operation.kind == Kind.COMMIT or refusal.code not in DONE_BEFORE:
            _fail(operation, str(refusal))
            return
        told = reference_of(operation)
    except Exception as error:
        _postpone(operation, str(error))
        if not isinstance(error, TaxUnclear):
            raise
        logger.warning("tax_provider_not_told", operation=operation.pk, reason=str(error))
        return
    record_told(operation_id=operation.pk, told=told, by=BY)
    if operation.kind == Kind.COMMIT:
        tell_due(document_id=operation.document_id)


def tell_due(*, document_id: int | None = None) -> int:
    """The sweep: everything that is due, perhaps of one document. Returns how many were told."""
    told, until = 0, time.monotonic() + RUN_SECONDS
    due = _due() if document_id is None else _due().filter(document=document_id)
    for operation_id in list(due.order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH]):
        if time.monotonic() > until:
            break
        try:
            tell(operation_id)
        except Exception as error:
            logger.exception("tax_operation_broke", operation=operation_id, exc_info=error)
        told += 1
    return told


def reference_of(operation: TaxOperation) -> str:
    """Our name for it in the provider's book: `W1000001`, `W1000001-refund-12`."""
    number = operation.document.order.number
    return number if operation.kind == Kind.COMMIT else f"{number}-{operation.cause.replace(':', '-')}"


def _due() -> QuerySet[TaxOperation]:
    """What is taken back waits until it is booked."""
    booked = Q(kind=Kind.COMMIT) | ~Q(document__transaction="")
    return TaxOperation.objects.filter(booked, state=State.PENDING, due_at__lte=timezone.now())


def _claim(operation_id: int) -> TaxOperation | None:
    with transaction.atomic():
        locked = _due().select_for_update(of=("self",), skip_locked=True).select_related("document__order")
        operation = locked.filter(pk=operation_id).first()
        if operation is not None:
            operation.attempts += 1
            operation.due_at = timezone.now() + LEASE
            operation.save(update_fields=["attempts", "due_at"])
    return operation


def _call(operation: TaxOperation) -> str:
    document = operation.document
    provider, reference = provider_named(document.provider), reference_of(operation)
    if operation.kind == Kind.COMMIT:
        return provider.commit(document.calculation, reference=reference)
    if operation.kind == Kind.VOID:
        return provider.void(document.transaction, reference=reference)
    return provider.refund(
        document.transaction, reference=reference, amount=operation.amount, currency=document.order.currency
    )


@verb
def record_told(*, operation_id: int, told: str, by: Actor) -> None:
    """Write down that the provider has done it, and under which id in its book. Raises `NotFound`."""
    operation = TaxOperation.objects.select_for_update().filter(pk=operation_id).first()
    if operation is None:
        raise NotFound("There is no such operation.")
    if operation.state == State.DONE:
        return
    document = TaxDocument.objects.select_for_update(no_key=True).get(pk=operation.document_id)
    if operation.kind == Kind.COMMIT:
        document.transaction, document.state = told, TaxDocument.State.COMMITTED
    else:
        TaxReversal.objects.create(document=document, cause=operation.cause, amount=operation.amount, reference=told)
        if operation.kind == Kind.VOID:
            document.state = TaxDocument.State.VOIDED
    document.save(update_fields=["transaction", "state"])
    operation.state, operation.finished_at, operation.last_error = State.DONE, timezone.now(), ""
    operation.save(update_fields=["state", "finished_at", "last_error"])


def _fail(operation: TaxOperation, why: str) -> None:
    logger.warning("tax_provider_declined", operation=operation.pk, reason=why)
    _still_pending(operation).update(state=State.FAILED, finished_at=timezone.now(), last_error=why[:500])


def _postpone(operation: TaxOperation, why: str) -> None:
    wait = min(timedelta(seconds=5 * 2 ** min(operation.attempts - 1, 10)), LONGEST_WAIT)
    _still_pending(operation).update(due_at=timezone.now() + wait, last_error=why[:500])


def _still_pending(operation: TaxOperation) -> QuerySet[TaxOperation]:
    return TaxOperation.objects.filter(pk=operation.pk, state=State.PENDING)
