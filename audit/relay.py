"""From the outbox to the workers: at least once to each handler, each effect once.

1. `fan_out` turns each waiting entry into one `Delivery` per subscribed handler.
2. `hand_out` gives due deliveries to Celery and makes them due again later, should the worker or Redis die.
3. `deliver` runs the handler and marks the delivery done in one transaction.
"""

import traceback
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from api.actors import Actor, request_id
from audit.events import Event
from audit.models import Delivery, LogEntry, Outbox
from audit.verbs import act_as, verb
from kernel.errors import NotAllowedNow

BATCH = 200
LEASE = timedelta(seconds=60)
ATTEMPTS_BEFORE_PARKING = 8

Handler = Callable[[Event], None]
logger = structlog.get_logger(__name__)


@cache
def subscriptions() -> Mapping[type[Event], Sequence[Handler]]:
    """The table `event → handlers`, by its setting: this app knows none of those above it."""
    table: Mapping[type[Event], Sequence[Handler]] = import_string(settings.SUBSCRIPTIONS)
    return table


def handler_name(handler: Handler) -> str:
    """The stored name, e.g. `notifications.email_order_paid`."""
    return f"{handler.__module__.split('.')[0]}.{handler.__name__}"


@cache
def _events() -> dict[str, type[Event]]:
    return {event.__name__: event for event in subscriptions()}


@cache
def _handlers() -> dict[str, Handler]:
    return {handler_name(handler): handler for handlers in subscriptions().values() for handler in handlers}


def fan_out() -> int:
    """Give each waiting entry its deliveries. Returns how many entries were taken."""
    with transaction.atomic():
        waiting = list(Outbox.objects.select_for_update(skip_locked=True).select_related(None).order_by("pk")[:BATCH])
        entries = LogEntry.objects.in_bulk([row.pk for row in waiting])
        now = timezone.now()
        Delivery.objects.bulk_create(
            [
                Delivery(entry_id=entry.pk, handler=handler_name(handler), due_at=now)
                for entry in entries.values()
                if entry.name in _events()
                for handler in subscriptions()[_events()[entry.name]]
            ],
            ignore_conflicts=True,
        )
        Outbox.objects.filter(pk__in=entries).delete()
    return len(waiting)


def hand_out(send: Callable[[str, list[int]], None]) -> int:
    """Claim due deliveries and `send(queue, ids)` them. Returns how many.

    Sent before commit on purpose: a broker that is away rolls the claim back, and they stay due.
    """
    with transaction.atomic():
        due = list(
            Delivery.objects.select_for_update(skip_locked=True)
            .filter(state=Delivery.State.PENDING, due_at__lte=timezone.now())
            .order_by("pk")
            .values_list("pk", "handler")[:BATCH]
        )
        ids = [pk for pk, _ in due]
        Delivery.objects.filter(pk__in=ids).update(due_at=timezone.now() + LEASE)
        by_queue: dict[str, list[int]] = defaultdict(list)
        for pk, name in due:
            by_queue[settings.EVENT_QUEUES.get(name.split(".")[0], "fulfilment")].append(pk)
        for queue, members in by_queue.items():
            send(queue, members)
    return len(due)


def deliver(delivery_id: int) -> None:
    """Run one handler; its effect and the mark commit together. A failure backs off, then parks."""
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("entry")
            .filter(pk=delivery_id, state=Delivery.State.PENDING)
            .first()
        )
        if delivery is None:
            return
        try:
            with transaction.atomic():
                _run(delivery)
        except Exception as error:  # noqa: BLE001  whatever it is, it is kept, shown and tried again
            _record_failure(delivery, error)
        else:
            delivery.state = Delivery.State.DONE
            delivery.done_at = timezone.now()
        delivery.attempts += 1
        delivery.save()


def _run(delivery: Delivery) -> None:
    entry = delivery.entry
    token = request_id.set(entry.request_id)
    try:
        act_as(Actor.system(delivery.handler))
        _handlers()[delivery.handler](_events()[entry.name].load(entry.payload))
    finally:
        request_id.reset(token)


def _record_failure(delivery: Delivery, error: Exception) -> None:
    logger.warning("handler_failed", handler=delivery.handler, entry=delivery.entry_id, exc_info=error)
    delivery.last_error = "".join(traceback.format_exception_only(error))[:2000]
    if delivery.attempts + 1 >= ATTEMPTS_BEFORE_PARKING:
        delivery.state = Delivery.State.PARKED
    delivery.due_at = timezone.now() + timedelta(seconds=2 ** (delivery.attempts + 1))


@verb
def replay(*, delivery_id: int, by: Actor) -> Delivery:
    """Put a parked delivery back to work, at once and with its attempts forgotten."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    if delivery.state != Delivery.State.PARKED:
        raise NotAllowedNow("Only a parked delivery can be replayed.")
    delivery.state, delivery.attempts, delivery.due_at = Delivery.State.PENDING, 0, timezone.now()
    delivery.save()
    logger.info("delivery_replayed", delivery=delivery.pk, by=str(by))
    return delivery


def lag_seconds() -> float:
    """Age of the oldest entry still waiting, for the health page."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM now() - min(e.created_at)), 0) FROM audit_outbox o "
            "JOIN audit_logentry e ON e.id = o.entry_id"
        )
        return float(cursor.fetchone()[0])


def parked_count() -> int:
    return Delivery.objects.filter(state=Delivery.State.PARKED).count()


def undelivered() -> int:
    """How many entries and deliveries still wait, parked ones aside."""
    return Outbox.objects.count() + Delivery.objects.filter(state=Delivery.State.PENDING).count()


def is_quiet() -> bool:
    """Whether every entry has reached every handler (or is parked)."""
    return not Outbox.objects.exists() and not Delivery.objects.filter(state=Delivery.State.PENDING).exists()
