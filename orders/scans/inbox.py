"""Scans of parcels: kept and acknowledged at once, understood by a worker.

A scan names a tracking number that may not be known yet, since a parcel can be scanned before our people have said that
it left. It is tried again for about half a day, and then waits for a person.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from api.actors import Actor
from api.transactions import retrying
from audit.hints import hint
from audit.log import publish
from audit.verbs import act_as, verb
from kernel.errors import NotAllowedNow, NotFound
from orders.events import CarrierException
from orders.models import CarrierScan, Shipment
from orders.services import deliver_shipment
from orders.services.read import lock_order
from orders.states import CARRIER_TROUBLE, ShipmentStatus

State = CarrierScan.State
BATCH = 200
LEASE = timedelta(seconds=60)
# 2, 4, 8 … seconds, then every hour: about twelve hours in all.
ATTEMPTS_BEFORE_PARKING = 22
LONGEST_WAIT = timedelta(hours=1)
ERROR_LENGTH = 500
UNKNOWN = "No package of this carrier has this tracking number."
SEVERAL = "Packages of several orders have this tracking number."
logger = structlog.get_logger(__name__)


def store(*, carrier: str, scan: Mapping[str, Any]) -> bool:
    """Keep a scan, once however often it is sent; whether it is new."""
    with transaction.atomic():
        _, is_new = CarrierScan.objects.get_or_create(
            carrier=carrier,
            event_id=scan["event_id"],
            defaults={name: scan[name] for name in ("tracking_number", "status", "place", "at")},
        )
        if is_new:
            transaction.on_commit(nudge, robust=True)
    return is_new


def nudge() -> None:
    """Wake a worker. Only a hint: the sweep finds the scan without it."""
    hint("orders.tasks.process_carrier_scans", queue="fulfilment")


def process_due(*, limit: int = BATCH) -> int:
    """Take in what is due, the oldest first; returns how many scans were looked at."""
    looked = 0
    while looked < limit and (scan := _claim()):
        looked += 1
        try:
            _process(scan)
        except Exception as error:
            if not isinstance(error, NotFound):
                logger.warning("carrier_scan_failed", scan=scan.pk, exc_info=error)
            _note_failure(scan, getattr(error, "text", f"{type(error).__name__}: {error}"))
    return looked


def _claim() -> CarrierScan | None:
    """The longest due scan, made due again when the lease ends, should the worker die."""
    with transaction.atomic():
        waiting = CarrierScan.objects.filter(state=State.RECEIVED, due_at__lte=timezone.now())
        scan = waiting.select_for_update(skip_locked=True).order_by("due_at", "pk").first()
        if scan is not None:
            scan.attempts, scan.due_at = scan.attempts + 1, timezone.now() + LEASE
            scan.save(update_fields=["attempts", "due_at"])
    return scan


def _process(scan: CarrierScan) -> None:
    retrying(lambda: _take_in(scan))


@transaction.atomic
def _take_in(scan: CarrierScan) -> None:
    """The effect and the mark commit together."""
    by = Actor.system(f"carrier_{scan.carrier}")
    act_as(by)
    packages = _packages(scan)
    order = lock_order(packages[0].order_id)
    if scan.status == CarrierScan.Status.DELIVERED:
        for package in packages:
            _deliver(package, by)
    CarrierScan.objects.filter(pk=scan.pk, state=State.RECEIVED).update(
        state=State.PROCESSED, shipment=packages[0], processed_at=timezone.now(), last_error=""
    )
    newest = CarrierScan.objects.filter(shipment=packages[0], state=State.PROCESSED).order_by("-at", "-pk").first()
    # Whichever came last here: what was scanned last counts.
    if newest is not None:
        Shipment.objects.filter(pk__in=[package.pk for package in packages]).exclude(
            carrier_status=newest.status
        ).update(carrier_status=newest.status)
    if newest is not None and newest.pk == scan.pk and scan.status in CARRIER_TROUBLE:
        for package in packages:
            publish(CarrierException(order_id=order.pk, version=order.version, shipment_id=package.pk), by=by)


def _packages(scan: CarrierScan) -> list[Shipment]:
    """The packages that travel under this number, of one order. Raises `NotFound`."""
    mine = Q(carrier__iexact=scan.carrier) | Q(carrier="")
    left = Shipment.objects.filter(mine, tracking_number=scan.tracking_number).exclude(
        status__in=[ShipmentStatus.PACKED, ShipmentStatus.CANCELLED]
    )
    found = list(left.order_by("pk"))
    if not found:
        raise NotFound(UNKNOWN)
    on_their_way = [package for package in found if package.status == ShipmentStatus.SHIPPED] or found
    if len({package.order_id for package in on_their_way}) > 1:
        raise NotFound(SEVERAL)
    return on_their_way


def _deliver(package: Shipment, by: Actor) -> None:
    """Once: what somebody has recorded meanwhile stays as it is."""
    try:
        with transaction.atomic():
            deliver_shipment(shipment_id=package.pk, by=by)
    except NotAllowedNow:
        logger.info("delivered_already", package=package.pk)


def _note_failure(scan: CarrierScan, said: str) -> None:
    is_last = scan.attempts >= ATTEMPTS_BEFORE_PARKING
    wait = LONGEST_WAIT if scan.attempts > 11 else min(timedelta(seconds=2**scan.attempts), LONGEST_WAIT)
    CarrierScan.objects.filter(pk=scan.pk, state=State.RECEIVED).update(
        state=State.PARKED if is_last else State.RECEIVED,
        due_at=timezone.now() + wait,
        last_error=said.replace("\x00", "")[:ERROR_LENGTH],
    )


@verb
def replay(*, scan_id: int, by: Actor) -> CarrierScan:
    """Put a parked scan back to work, with its attempts forgotten. Raises `NotFound`, `NotAllowedNow`."""
    scan = CarrierScan.objects.select_for_update().filter(pk=scan_id).first()
    if scan is None:
        raise NotFound("There is no such scan.")
    if scan.state != State.PARKED:
        raise NotAllowedNow("Only a parked scan can be replayed.")
    scan.state, scan.attempts, scan.due_at = State.RECEIVED, 0, timezone.now()
    scan.save(update_fields=["state", "attempts", "due_at"])
    transaction.on_commit(nudge, robust=True)
    logger.info("carrier_scan_replayed", scan=scan.pk, by=str(by))
    return scan
