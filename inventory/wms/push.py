"""The outbox to a WMS: requests are written with the change that they follow from, and sent afterwards.

They go in the order they were written, for each link. A link that is away is tried with the oldest alone, every few
seconds, so that the rest follows in order when it is back. One without a clear answer is sent again with the same key,
which a WMS takes once; meanwhile only requests about the same order wait for it. The network is asked outside any
transaction, and what a request says is composed then.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from api.actors import Actor
from audit.hints import hint
from audit.verbs import verb
from inventory.models import Reservation, Warehouse
from inventory.wms.base import Away, Declined, Receipt, Request, Unclear
from inventory.wms.links import Link, adapter_of, link_at, links
from inventory.wms.models import WmsRequest
from inventory.wms.packages import is_of_a_wms
from inventory.wms.states import UNSENT, RequestKind, RequestState
from kernel.errors import NotAllowedNow, NotFound

LEASE = timedelta(seconds=120)
# While a link is away; and between attempts of one request without a clear answer, at first and at most.
AWAY_WAIT = timedelta(seconds=10)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
# A run of many ends well before the worker's own limit.
RUN_SECONDS = 90
PUSH = "inventory.tasks.push_to_wms"
State, Kind = RequestState, RequestKind
logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to become of an order: to be sent (`may_ship`), to wait (`is_held`), or neither.

    `places`: ids of the warehouses where units of it are open. `changed`: what is to be sent may differ from what was
    asked before.
    """

    order_id: int
    version: int
    places: frozenset[int]
    may_ship: bool
    is_held: bool = False
    changed: bool = True


def queue_requests(wanted: Wanted) -> list[WmsRequest]:
    """Within the caller's transaction: one request for each warehouse whose WMS has to hear of it, once per version."""
    told = _last_told(wanted.order_id)
    for gone in _only_shipped_from(wanted, told):
        del told[gone]
    rows = []
    for place in Warehouse.objects.filter(pk__in=wanted.places | told.keys()):
        link = link_at(place.code)
        kind = _kind(wanted, place.pk, told.get(place.pk))
        if link is not None and link.fulfils and kind is not None:
            rows.append(_row(link, place.pk, wanted.order_id, wanted.version, kind))
    return _write(rows)


def queue_shipped(*, order_id: int, version: int, warehouse_id: int, cause: str) -> list[WmsRequest]:
    """Within the transaction that ships it: tell the WMS of that warehouse what has left, unless it sent it itself."""
    if not links():
        return []
    place = Warehouse.objects.get(pk=warehouse_id)
    link = link_at(place.code)
    if link is None or is_of_a_wms(cause):
        return []
    return _write([_row(link, place.pk, order_id, version, Kind.SHIPPED, cause)])


def _only_shipped_from(wanted: Wanted, told: Mapping[int, str]) -> set[int]:
    """Where nothing is open since all of it has left: there is nothing to be called off."""
    over = told.keys() - wanted.places
    if not over:
        return set()
    given_up = Reservation.objects.filter(
        order_id=wanted.order_id, warehouse__in=over, state=Reservation.State.RELEASED
    )
    return over - set(given_up.values_list("warehouse_id", flat=True))


def _last_told(order_id: int) -> dict[int, str]:
    """Warehouse → what it was asked last."""
    rows = WmsRequest.objects.filter(order_id=order_id).exclude(kind=Kind.SHIPPED).order_by("pk")
    return dict(rows.values_list("warehouse_id", "kind"))


def _kind(wanted: Wanted, place: int, told: str | None) -> RequestKind | None:
    if not wanted.changed and (place not in wanted.places or (wanted.may_ship and told == Kind.FULFIL)):
        return None
    if place in wanted.places and wanted.may_ship:
        return Kind.FULFIL
    if told in (None, Kind.CANCEL):
        return None
    if place in wanted.places and wanted.is_held:
        return None if told == Kind.HOLD else Kind.HOLD
    return Kind.CANCEL


def _row(link: Link, place: int, order_id: int, version: int, kind: str, cause: str = "") -> WmsRequest:
    return WmsRequest(link=link.name, warehouse_id=place, order_id=order_id, version=version, kind=kind, cause=cause)


def _write(rows: list[WmsRequest]) -> list[WmsRequest]:
    if rows:
        WmsRequest.objects.bulk_create(rows, ignore_conflicts=True)
        transaction.on_commit(lambda: hint(PUSH, queue="fulfilment"), robust=True)
    return rows


def push_due() -> int:
    """Send what waits, link by link; returns how many were answered."""
    if connection.in_atomic_block:
        raise RuntimeError("A WMS is told outside any transaction.")
    sent, until = 0, time.monotonic() + RUN_SECONDS
    for link in links().values():
        while time.monotonic() < until and (request := _claim(link)) is not None:
            if not _send(link, request):
                break
            sent += 1
    return sent


def _claim(link: Link) -> WmsRequest | None:
    """The oldest that may go now, leased; None also while somebody else is sending, or the link rests."""
    now = timezone.now()
    with transaction.atomic():
        unsent = WmsRequest.objects.filter(link=link.name, state__in=UNSENT).order_by("pk")
        # Whoever holds the oldest is alone with the link.
        if unsent.select_for_update(of=("self",)).first() is None or unsent.filter(leased_until__gt=now).exists():
            return None
        before = unsent.filter(order_id=OuterRef("order_id"), pk__lt=OuterRef("pk"))
        free = unsent.filter(~Exists(before), due_at__lte=now)
        request = free.select_for_update(of=("self",)).select_related("warehouse").first()
        if request is not None:
            # Committed before the call: who dies in between leaves a question, not a lie.
            request.leased_until, request.state = now + LEASE, State.UNKNOWN
            request.save(update_fields=["leased_until", "state"])
    return request


def _send(link: Link, request: WmsRequest) -> bool:
    """Whether the link answered, clearly or not."""
    try:
        body = _body(link, request)
        if body is None:
            _finish(request, State.NEEDLESS)
            return True
        receipt = adapter_of(link).push(Request(str(request.key), request.pk, request.kind, body))
    except Away as failure:
        logger.warning("wms_is_away", link=link.name, reason=str(failure))
        _rest(request, str(failure))
        return False
    except Declined as refusal:
        logger.warning("wms_refused", link=link.name, request=request.pk, reason=str(refusal))
        _finish(request, State.REFUSED, error=str(refusal))
    except Exception as failure:
        if not isinstance(failure, Unclear):
            # One that cannot be composed must not keep the others from being sent.
            logger.exception("wms_request_broke", request=request.pk, exc_info=failure)
        _postpone(request, f"{type(failure).__name__}: {failure}")
    else:
        _finish(request, State.ACCEPTED, receipt)
    return True


def _body(link: Link, request: WmsRequest) -> Mapping[str, Any] | None:
    """What orders say of it now; None when there is nothing to be said any more."""
    compose = import_string(settings.WMS_REQUEST_BODY)
    said: Mapping[str, Any] | None = compose(
        order_id=request.order_id, kind=request.kind, warehouse=request.warehouse.code, cause=request.cause
    )
    if said is None:
        return None
    names = {"id": str(request.key), "kind": request.kind, "version": request.version}
    return {**said, **names, "warehouse": link.theirs(request.warehouse.code)}


def _finish(request: WmsRequest, state: RequestState, receipt: Receipt | None = None, *, error: str = "") -> None:
    now = timezone.now()
    accepted = min(receipt.accepted_at or now, now) if receipt else None
    _unsent(request).update(
        state=state,
        attempts=request.attempts + 1,
        reference=receipt.reference if receipt else "",
        accepted_at=accepted,
        finished_at=now,
        leased_until=None,
        last_error=error[:500],
    )


def _postpone(request: WmsRequest, why: str) -> None:
    """It is asked again, later and later; others go on meanwhile."""
    _unsent(request).update(
        due_at=timezone.now() + min(FIRST_WAIT * 2 ** min(request.attempts, 10), LONGEST_WAIT),
        attempts=request.attempts + 1,
        leased_until=None,
        last_error=why[:500],
    )


def _rest(request: WmsRequest, why: str) -> None:
    """The lease stays for a while, so that nobody asks a link that is away; then this one is the first to go."""
    _unsent(request).update(leased_until=timezone.now() + AWAY_WAIT, last_error=why[:500])


def _unsent(request: WmsRequest) -> QuerySet[WmsRequest]:
    return WmsRequest.objects.filter(pk=request.pk, state__in=UNSENT)


@verb
def resend(*, request_id: int, by: Actor) -> WmsRequest:
    """Send again, with a key of its own, what the WMS has refused. Raises `NotFound`, `NotAllowedNow`."""
    request = WmsRequest.objects.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise NotFound("There is no such request.")
    if request.state != State.REFUSED:
        raise NotAllowedNow("Only a refused request can be sent again.")
    later = WmsRequest.objects.filter(order_id=request.order_id, warehouse=request.warehouse_id, pk__gt=request.pk)
    if request.kind != Kind.SHIPPED and later.exclude(kind=Kind.SHIPPED).exists():
        raise NotAllowedNow("A newer request about this order has followed.")
    request.key, request.state, request.attempts = uuid4(), State.PENDING, 0
    request.due_at, request.finished_at = timezone.now(), None
    request.save(update_fields=["key", "state", "attempts", "due_at", "finished_at"])
    transaction.on_commit(lambda: hint(PUSH, queue="fulfilment"), robust=True)
    logger.info("wms_request_resent", request=request.pk, by=str(by))
    return request
