"""What providers tell of their own accord: kept and acknowledged at once, understood later by a worker.

An event is only a reason to look: what is so is read from the provider's book, so neither the order in which events
arrive nor how often they do makes a difference, and one look answers all events of a payment that had arrived before.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from api.actors import Actor
from api.transactions import retrying
from audit.hints import hint
from audit.verbs import verb
from kernel.errors import NotAllowedNow, NotFound
from payments.gateways.base import Notice, Snapshot, Unclear
from payments.gateways.registry import gateway_of
from payments.models import Capture, Payment, WebhookEvent
from payments.services.settle import settle
from payments.states import InboxState

BATCH = 100
# A run of many slow answers ends well before the worker's own limit.
RUN_SECONDS = 60
# Longer than a look can take: then somebody else looks.
LEASE = timedelta(seconds=120)
# 2, 4, 8 … 512 s and then every 15 minutes: a provider that is away for half an hour parks nothing.
ATTEMPTS_BEFORE_PARKING = 12
LONGEST_WAIT = timedelta(minutes=15)
# What an event names in place of a payment where it names only one of its captures.
BY_CAPTURE = "capture:"
ERROR_LENGTH = 500
NOT_OURS = "Not about a payment of this shop."
NOTHING_NAMED = "It names no payment."

INSERT = """
    INSERT INTO payments_webhookevent
        (provider, event_id, type, payment_reference, object_id, state, attempts, due_at, last_error, received_at)
    VALUES (%s, %s, %s, %s, %s, 'received', 0, %s, '', %s)
    ON CONFLICT (provider, event_id) DO NOTHING RETURNING id
"""
logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """One question to a provider: the events that are due for it, and all that its answer covers."""

    provider: str
    reference: str
    due: Sequence[WebhookEvent]
    covered: Sequence[int]


def store(*, provider: str, notice: Notice) -> bool:
    """Keep an event, once however often it is sent; whether it is new."""
    now = timezone.now()
    told = (notice.event_id, notice.type, notice.payment_reference, notice.object_id)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [provider, *told, now, now])
            is_new = cursor.fetchone() is not None
        if is_new:
            transaction.on_commit(nudge, robust=True)
    return is_new


def nudge() -> None:
    """Wake a worker. Only a hint: the sweep finds the event without it, so Redis may be away."""
    hint("payments.tasks.process_webhooks", queue="money")


def process_due(*, limit: int = BATCH) -> int:
    """Take over what the due events are about; returns how many looks it took.

    A provider that is away is left alone for the rest of the run, so that one event probes it and not all of them.
    """
    looks, away = 0, set[str]()
    until = time.monotonic() + RUN_SECONDS
    while looks < limit and time.monotonic() < until and (look := _claim(away)):
        looks += 1
        if not _process(look):
            away.add(look.provider)
    return looks


def _received() -> QuerySet[WebhookEvent]:
    return WebhookEvent.objects.filter(state=InboxState.RECEIVED)


def _claim(away: set[str]) -> Look | None:
    """The longest due event and those due beside it, made due again when the lease ends, should the worker die."""
    with transaction.atomic():
        due = _received().filter(due_at__lte=timezone.now()).select_for_update(skip_locked=True)
        first = due.exclude(provider__in=away).order_by("due_at").first()
        if first is None:
            return None
        reference = {"provider": first.provider, "payment_reference": first.payment_reference}
        beside = list(due.filter(**reference))
        _received().filter(pk__in=[event.pk for event in beside]).update(
            attempts=F("attempts") + 1, due_at=timezone.now() + LEASE
        )
        covered = list(_received().filter(**reference).values_list("pk", flat=True))
    return Look(first.provider, first.payment_reference, beside, covered)


def _process(look: Look) -> bool:
    """Whether the provider answered."""
    try:
        _take_over(look)
    except Unclear as error:
        _note_failure(look, f"The provider is away: {error}")
        return False
    except Exception as error:
        logger.warning("webhooks_failed", provider=look.provider, reference=look.reference, exc_info=error)
        _note_failure(look, f"{type(error).__name__}: {error}")
    return True


def _take_over(look: Look) -> None:
    if not look.reference:
        raise NotFound(NOTHING_NAMED)
    known = _known_payment(look)
    snapshot = gateway_of(look.provider).look_up(known.provider_reference if known else look.reference)
    payment_id = known.pk if known else _named_payment(look, snapshot)
    retrying(lambda: _settle(look, payment_id, snapshot))


@transaction.atomic
def _settle(look: Look, payment_id: UUID | None, snapshot: Snapshot) -> None:
    """The effect and the mark commit together."""
    if payment_id is not None:
        settle(payment_id=payment_id, snapshot=snapshot, by=Actor.system(f"{look.provider}_webhook"))
    _received().filter(pk__in=look.covered).update(
        state=InboxState.PROCESSED,
        processed_at=timezone.now(),
        last_error="" if payment_id is not None else NOT_OURS,
    )


def _known_payment(look: Look) -> Payment | None:
    if look.reference.startswith(BY_CAPTURE):
        capture_id = look.reference.removeprefix(BY_CAPTURE)
        captures = Capture.objects.filter(provider=look.provider, provider_reference=capture_id)
        capture = captures.select_related("payment").first()
        return capture.payment if capture else None
    return Payment.objects.filter(provider=look.provider, provider_reference=look.reference).first()


def _named_payment(look: Look, snapshot: Snapshot) -> UUID | None:
    """The payment whose id the provider's object carries: the event came before the answer to our own call.

    None when it is somebody else's, such as another shop's on the same account.
    """
    try:
        payment_id = UUID(snapshot.payment_id)
    except ValueError:
        return None
    if not Payment.objects.filter(pk=payment_id, provider=look.provider).exists():
        raise NotFound(f"There is no payment {payment_id} here.")
    return payment_id


def _note_failure(look: Look, said: str) -> None:
    said = said.replace("\x00", "")[:ERROR_LENGTH]
    with transaction.atomic():
        for event in look.due:
            attempts = event.attempts + 1  # as the claim counted
            is_last = attempts >= ATTEMPTS_BEFORE_PARKING or not look.reference
            _received().filter(pk=event.pk).update(
                state=InboxState.PARKED if is_last else InboxState.RECEIVED,
                due_at=timezone.now() + min(timedelta(seconds=2**attempts), LONGEST_WAIT),
                last_error=said,
            )


@verb
def replay(*, event_id: int, by: Actor) -> WebhookEvent:
    """Put a parked event back to work, at once and with its attempts forgotten. Raises `NotFound`, `NotAllowedNow`."""
    event = WebhookEvent.objects.select_for_update().filter(pk=event_id).first()
    if event is None:
        raise NotFound("There is no such event.")
    if event.state != InboxState.PARKED:
        raise NotAllowedNow("Only a parked event can be replayed.")
    event.state, event.attempts, event.due_at = InboxState.RECEIVED, 0, timezone.now()
    event.save(update_fields=["state", "attempts", "due_at"])
    transaction.on_commit(nudge, robust=True)
    logger.info("webhook_replayed", webhook=event.pk, by=str(by))
    return event
