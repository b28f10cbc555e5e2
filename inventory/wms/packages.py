"""Packages that a WMS has sent, in our books once."""

from collections.abc import Mapping

from api.actors import Actor
from inventory.models import Reservation, StockItem, StockMovement, Warehouse
from inventory.services.levels import lock_places
from inventory.services.movements import Cause, Move, move
from inventory.wms.inbox import ReportedShipment
from inventory.wms.models import WmsFact, WmsShipment


def note_package(*, report: ReportedShipment, order_id: int, cause: str, units: Mapping[str, int], by: Actor) -> None:
    """Tie their package to ours, before its units (by SKU) leave the stock.

    Where a number that was taken over had missed them already, they are put back first: the package takes them once.
    """
    WmsShipment.objects.create(
        link=report.link, reference=report.reference, order_id=order_id, cause=cause, shipped_at=report.shipped_at
    )
    # Shipping locks all levels of the order, by id: those of the package alone would come out of turn.
    list(Reservation.objects.all().lock_open(order_id))
    warehouse = Warehouse.objects.get(code=report.warehouse)
    items = dict(StockItem.objects.filter(sku__in=units).values_list("sku", "pk"))
    levels = lock_places([(pk, warehouse.pk) for pk in items.values()])
    counted = set(
        WmsFact.objects.filter(
            level_id__in=[level.pk for level in levels.values()], applied_as_of__gte=report.shipped_at
        ).values_list("level_id", flat=True)
    )
    missed = [
        Move(levels[items[sku], warehouse.pk], quantity)
        for sku, quantity in units.items()
        if levels[items[sku], warehouse.pk].pk in counted
    ]
    if missed:
        move(missed, Cause(StockMovement.Kind.SYNCED, f"wms:{report.link}:late {report.reference}"[:100], by))


def is_of_a_wms(cause: str) -> bool:
    """Whether the package with these movements was sent by a WMS."""
    return WmsShipment.objects.filter(cause=cause).exists()
