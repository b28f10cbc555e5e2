"""Scans and short picks as the page of an order tells them."""

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from orders.models import CarrierScan, Order, ShortPick
from orders.timeline import TimelineEntry


def parked_scans() -> QuerySet[CarrierScan]:
    """Those that wait for a person."""
    return CarrierScan.objects.filter(state=CarrierScan.State.PARKED)


def scans_of(order: Order) -> list[CarrierScan]:
    """What carriers told about the packages of an order, the newest scan first."""
    return list(CarrierScan.objects.filter(shipment__order=order).select_related("shipment").order_by("-at", "-pk"))


def moments_of(order: Order) -> Iterable[TimelineEntry]:
    """For the timeline: each scan when it was made, each short pick."""
    return [*_scans(order), *_shorts(order)]


def _scans(order: Order) -> Iterator[TimelineEntry]:
    for scan in scans_of(order):
        assert scan.shipment is not None
        where = f" · {scan.place}" if scan.place else ""
        says = f"{scan.shipment.number} · {scan.carrier}{where}"
        yield TimelineEntry(scan.at, "scan", scan.status, f"system:carrier_{scan.carrier}", detail=says)


def _shorts(order: Order) -> Iterator[TimelineEntry]:
    for found in ShortPick.objects.filter(order=order).select_related("line", "warehouse"):
        says = f"{found.quantity} × {found.line.sku} in {found.warehouse.code}"
        yield TimelineEntry(found.created_at, "scan", f"short_pick_{found.reason}", found.actor, detail=says)
