"""From the outbox to the workers: at least once to each handler, each effect once.

1. `fan_out` turns each waiting entry into one `Delivery` per subscribed handler.
2. `hand_out` gives due deliveries to Celery and makes them due again later, should the worker or Redis die.
3. `deliver` runs the handler and marks the delivery done in one transaction.
"""

import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import timedelta
from functools import cache

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.module_loading import import_string

from api.actors import Actor, request_id
from audit.events import Event
from audit.log import nudge
from audit.models import Delivery, LogEntry, Outbox
from audit.verbs import acting, verb
from kernel.errors import NotAllowedNow, NotFound

BATCH = 200
LEASE = timedelta(seconds=60)
# Of one queue, handed out and not begun. More waits in the table: a broker that was given a whole backlog would get it
# again with each lease, and what is new would wait behind what is done.
MOST_UNDER_WAY = 1000
# 2, 4, 8 … 512 s and then every 15 minutes: what is away for half an hour parks nothing.
ATTEMPTS_BEFORE_PARKING = 12
LONGEST_WAIT = timedelta(minutes=15)

Handler = Callable[[Event], None]
logger = structlog.get_logger(__name__)

# The entry whose handler is running.
_entry: ContextVar[LogEntry] = ContextVar("entry")


def present_entry() -> LogEntry:
    """For a handler whose effect is about the very fact it is told. Raises `LookupError` outside of a delivery."""
    return _entry.get()


def event_of(entry: LogEntry) -> Event:
    """The fact as it was published."""
    return _events()[entry.name].load(entry.payload)


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


def _handlers_of(event_name: str) -> list[str]:
    event = _events().get(event_name)
    return [handler_name(handler) for handler in subscriptions()[event]] if event else []


def forget_subscriptions() -> None:
    """Read the table again: it is read once a process."""
    for read in (subscriptions, _events, _handlers):
        read.cache_clear()


def fan_out() -> int:
    """Give each waiting entry its deliveries. Returns how many entries were taken."""
    with transaction.atomic():
        waiting = Outbox.objects.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True)[:BATCH]
        entries = LogEntry.objects.filter(pk__in=list(waiting)).order_by("pk")
        now = timezone.now()
        Delivery.objects.bulk_create(
            [
                Delivery(entry_id=entry.pk, handler=name, due_at=now)
                for entry in entries
                for name in _handlers_of(entry.name)
            ],
            ignore_conflicts=True,
        )
        Outbox.objects.filter(pk__in=[entry.pk for entry in entries]).delete()
    return len(entries)


def hand_out(send: Callable[[str, list[int]], None]) -> int:
    """Claim due deliveries and `send(queue, ids)` them. Returns how many.

    Sent after commit, since a worker is quick enough to find the claim's locks still held. A broker that is away
    leaves them due; a relay killed in between leaves them claimed until the lease ends.
    """
    by_queue = _claim()
    claimed = sum(len(ids) for ids in by_queue.values())
    try:
        while by_queue:
            queue = next(iter(by_queue))
            send(queue, by_queue[queue])
            del by_queue[queue]
    except Exception:
        unsent = [pk for ids in by_queue.values() for pk in ids]
        Delivery.objects.filter(pk__in=unsent, state=Delivery.State.PENDING).update(due_at=timezone.now())
        raise
    return claimed


def _claim() -> dict[str, list[int]]:
    """Due deliveries by queue, made due again when the lease ends, should the worker or Redis die."""
    with transaction.atomic():
        due = list(
            Delivery.objects.select_for_update(skip_locked=True)
            .filter(state=Delivery.State.PENDING, due_at__lte=timezone.now())
            .exclude(handler__in=_handlers_of_full_queues())
            .order_by("due_at")
            .values_list("pk", "handler")[:BATCH]
        )
        Delivery.objects.filter(pk__in=[pk for pk, _ in due]).update(due_at=timezone.now() + LEASE)
    by_queue: dict[str, list[int]] = defaultdict(list)
    for pk, name in due:
        by_queue[_queue_of(name)].append(pk)
    return by_queue


def _queue_of(handler: str) -> str:
    queue: str = settings.EVENT_QUEUES.get(handler.split(".", maxsplit=1)[0], "fulfilment")
    return queue


def _handlers_of_full_queues() -> list[str]:
    claimed = Delivery.objects.filter(state=Delivery.State.PENDING, due_at__gt=timezone.now(), attempts=0).order_by()
    under_way = Counter[str]()
    for name, count in claimed.values_list("handler").annotate(count=Count("pk")):
        under_way[_queue_of(name)] += count
    return [name for name in _handlers() if under_way[_queue_of(name)] >= MOST_UNDER_WAY]


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
        delivery.attempts += 1
        try:
            with transaction.atomic():
                _run(delivery)
        except Exception as error:  # noqa: BLE001  whatever it is, it is kept, shown and tried again
            _note_failure(delivery, error)
        else:
            delivery.state = Delivery.State.DONE
            delivery.done_at = timezone.now()
            delivery.last_error = ""
        delivery.save(update_fields=["state", "attempts", "due_at", "done_at", "last_error"])


def _run(delivery: Delivery) -> None:
    entry = delivery.entry
    token, entry_token = request_id.set(entry.request_id), _entry.set(entry)
    try:
        with (
            structlog.contextvars.bound_contextvars(request_id=entry.request_id),
            acting(Actor.system(delivery.handler)),
        ):
            _handlers()[delivery.handler](event_of(entry))
    finally:
        _entry.reset(entry_token)
        request_id.reset(token)


def _note_failure(delivery: Delivery, error: Exception) -> None:
    logger.warning("handler_failed", handler=delivery.handler, entry=delivery.entry_id, exc_info=error)
    said = "".join(traceback.format_exception_only(error))
    delivery.last_error = said.replace("\x00", "")[:2000]
    if delivery.attempts >= ATTEMPTS_BEFORE_PARKING:
        delivery.state = Delivery.State.PARKED
    delivery.due_at = timezone.now() + min(timedelta(seconds=2**delivery.attempts), LONGEST_WAIT)


@verb
def replay(*, delivery_id: int, by: Actor) -> Delivery:
    """Put a parked delivery back to work, at once and with its attempts forgotten."""
    delivery = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound("There is no such delivery.")
    if delivery.state != Delivery.State.PARKED:
        raise NotAllowedNow("Only a parked delivery can be replayed.")
    delivery.state, delivery.attempts, delivery.due_at = Delivery.State.PENDING, 0, timezone.now()
    delivery.save(update_fields=["state", "attempts", "due_at"])
    transaction.on_commit(nudge, robust=True)
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


def check_pace() -> None:
    """For the health page. Raises when facts wait longer than `RELAY_LAG_SECONDS`."""
    if (lag := lag_seconds()) > settings.RELAY_LAG_SECONDS:
        raise RuntimeError(f"The oldest waiting fact is {lag:.0f} s old.")


def parked_count() -> int:
    return Delivery.objects.filter(state=Delivery.State.PARKED).count()


def undelivered() -> int:
    """How many entries and deliveries are still on their way."""
    return Outbox.objects.count() + Delivery.objects.filter(state=Delivery.State.PENDING).count()


def is_quiet() -> bool:
    """Whether every entry has reached every handler (or is parked)."""
    return not Outbox.objects.exists() and not Delivery.objects.filter(state=Delivery.State.PENDING).exists()
