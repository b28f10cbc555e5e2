"""Scans and short picks as the page of an order tells them."""

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet, prefetch_related_objects

from orders.models import CarrierScan, Order, ShortPick
from orders.timeline import TimelineEntry


def parked_scans() -> QuerySet[CarrierScan]:
    """Those that wait for a person."""
    return CarrierScan.objects.filter(state=CarrierScan.State.PARKED)


def scans_of(order: Order) -> list[CarrierScan]:
    """What carriers told about the packages of an order, the newest scan first. Reads once what was prefetched."""
    packages = list(order.shipments.all())
    prefetch_related_objects(packages, "scans")
    found = [scan for package in packages for scan in package.scans.all()]
    return sorted(found, key=lambda scan: (scan.at, scan.pk), reverse=True)


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
