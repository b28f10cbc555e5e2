"""What a WMS tells of its own accord: kept and acknowledged at once, taken up by a worker.

Numbers go by the rules of every number. A package is handed to orders, which ship it or say why not: what may come
right, such as an order on hold, is tried again; what never will is parked for a person. Events of one subject are
taken up in the order they came.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from api.actors import Actor
from api.transactions import RETRIABLE, retrying, sqlstate
from audit.hints import hint
from audit.log import publish
from audit.verbs import verb
from inventory.wms.apply import apply_facts
from inventory.wms.base import Notice
from inventory.wms.documents import fact_of, instant, readable
from inventory.wms.events import WmsShipmentReported
from inventory.wms.links import link_named
from inventory.wms.models import WmsEvent, WmsShipment
from inventory.wms.states import EventState
from kernel.errors import Invalid, NotAllowedNow, NotFound

BATCH = 200
# A run of many ends well before the worker's own limit.
RUN_SECONDS = 60
# 2, 4, 8 … 512 s, then every 15 minutes: some four hours in which what is missing may come.
ATTEMPTS_BEFORE_PARKING = 24
LONGEST_WAIT = timedelta(minutes=15)
BY = Actor.system("wms")
PROCESS = "inventory.tasks.process_wms_events"
WAITING = (EventState.RECEIVED, EventState.HANDED)
logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ReportedLine:
    """So many units of a line of the order, or of an item of it where the WMS does not know lines (`line` is None)."""

    line: int | None
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ReportedShipment:
    """A package that a WMS has sent. `warehouse` is our code."""

    link: str
    reference: str
    order: str
    warehouse: str
    carrier: str
    tracking_number: str
    shipped_at: datetime
    lines: tuple[ReportedLine, ...]


def store(*, link: str, notice: Notice) -> bool:
    """Keep an event, once however often it is sent; whether it is new."""
    event = WmsEvent(
        link=link, event_id=notice.event_id, type=notice.type, subject=notice.subject, content=notice.content
    )
    known = WmsEvent.objects.filter(link=link, event_id=notice.event_id)
    with transaction.atomic():
        if known.exists():
            return False
        WmsEvent.objects.bulk_create([event], ignore_conflicts=True)
        transaction.on_commit(nudge, robust=True)
    return True


def nudge() -> None:
    """Wake a worker. Only a hint: the sweep finds the event without it, so Redis may be away."""
    hint(PROCESS, queue="fulfilment")


def process_due(*, limit: int = BATCH) -> int:
    """Take up the due events; returns how many."""
    done, until = 0, time.monotonic() + RUN_SECONDS
    while done < limit and time.monotonic() < until and retrying(_process_one):
        done += 1
    return done


@transaction.atomic
def _process_one() -> bool:
    """The longest due event with nothing of its subject before it. The effect and the mark commit together."""
    before = WmsEvent.objects.filter(
        link=OuterRef("link"), subject=OuterRef("subject"), pk__lt=OuterRef("pk"), state__in=WAITING
    )
    due = WmsEvent.objects.filter(~Exists(before), state=EventState.RECEIVED, due_at__lte=timezone.now())
    event = due.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk").first()
    if event is None:
        return False
    event.attempts += 1
    try:
        with transaction.atomic():
            _take_up(event)
    except Invalid as refusal:
        _put_off(event, refusal.text)
    except Exception as failure:
        if sqlstate(failure) in RETRIABLE:
            raise
        # It must not stay the first for ever: others wait behind it.
        logger.exception("wms_event_broke", wms_event=event.pk, exc_info=failure)
        _put_off(event, readable(f"{type(failure).__name__}: {failure}"))
    event.save(update_fields=["state", "attempts", "due_at", "last_error", "processed_at"])
    return True


def _take_up(event: WmsEvent) -> None:
    link = link_named(event.link)
    if event.type == "shipment":
        event.state = EventState.HANDED
        publish(WmsShipmentReported(event_id=event.pk), by=BY)
        return
    facts = [fact_of(item) for item in event.content["items"]]
    apply_facts(link=link, facts=facts, cause=f"wms:{link.name}:event {event.pk}", by=BY)
    _end(event)


def _end(event: WmsEvent) -> None:
    event.state, event.processed_at, event.last_error = EventState.PROCESSED, timezone.now(), ""


def _put_off(event: WmsEvent, why: str) -> None:
    event.state = EventState.PARKED if event.attempts >= ATTEMPTS_BEFORE_PARKING else EventState.RECEIVED
    event.due_at = timezone.now() + min(timedelta(seconds=2 ** min(event.attempts, 10)), LONGEST_WAIT)
    event.last_error = why[:500]


def handed_over(event_id: int) -> ReportedShipment | None:
    """For orders, within their transaction: the package of an event, locked; None when it has been dealt with.

    A package that became ours by another event ends this one; one out of a warehouse that this WMS does not keep is
    parked.
    """
    event = WmsEvent.objects.select_for_update().filter(pk=event_id, state=EventState.HANDED).first()
    if event is None:
        return None
    code = event.content["warehouse"]
    house = link_named(event.link).warehouses.get(code)
    if house is None:
        refuse(event_id, f"This WMS keeps no warehouse {code}.", may_come_right=False)
        return None
    report = _report(event, house)
    if WmsShipment.objects.filter(link=report.link, reference=report.reference).exists():
        settle(event_id)
        return None
    return report


def _report(event: WmsEvent, warehouse: str) -> ReportedShipment:
    said: dict[str, Any] = event.content
    shipped_at = instant(said["shipped_at"])
    assert shipped_at is not None
    return ReportedShipment(
        link=event.link,
        reference=said["shipment"],
        order=said["order"],
        warehouse=warehouse,
        carrier=said["carrier"],
        tracking_number=said["tracking_number"],
        shipped_at=min(shipped_at, timezone.now()),
        lines=tuple(ReportedLine(**line) for line in said["lines"]),
    )


def settle(event_id: int) -> None:
    """For orders: what the event said has come about."""
    event = WmsEvent.objects.get(pk=event_id)
    _end(event)
    event.save(update_fields=["state", "processed_at", "last_error"])


def refuse(event_id: int, why: str, *, may_come_right: bool) -> None:
    """For orders: it cannot be done now, or never; a person sees the latter."""
    event = WmsEvent.objects.get(pk=event_id)
    _put_off(event, why)
    if not may_come_right:
        event.state = EventState.PARKED
    event.save(update_fields=["state", "due_at", "last_error"])


@verb
def replay(*, event_id: int, by: Actor) -> WmsEvent:
    """Put a parked event back to work, at once and with its attempts forgotten. Raises `NotFound`, `NotAllowedNow`."""
    event = WmsEvent.objects.select_for_update().filter(pk=event_id).first()
    if event is None:
        raise NotFound("There is no such event.")
    if event.state != EventState.PARKED:
        raise NotAllowedNow("Only a parked event can be replayed.")
    event.state, event.attempts, event.due_at = EventState.RECEIVED, 0, timezone.now()
    event.save(update_fields=["state", "attempts", "due_at"])
    transaction.on_commit(nudge, robust=True)
    logger.info("wms_event_replayed", wms_event=event.pk, by=str(by))
    return event
