"""Why so many units of an item can be sold, and who has the others."""

from collections import defaultdict
from typing import Any

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from inventory.callers import own_items
from inventory.models import Reservation, StockItem, StockLevel
from kernel.errors import NotFound

SHOWN_HOLDERS = 100


def explain(sku: str, *, caller: object, with_holders: bool) -> dict[str, Any]:
    """The levels of an item that the caller sees, each with its open reservations: how many, and for those who may
    know, the first hundred. What lies with others counts nowhere in it. Raises `NotFound`, also for an item that the
    caller was not given.
    """
    levels = list(
        StockLevel.objects.visible_to(caller)
        .filter(item__sku=sku)
        .with_codes()
        .select_related("warehouse")
        .order_by("warehouse__priority", "warehouse_id")
    )
    if not levels and not _is_known(sku, caller):
        raise NotFound(f"There is no item {sku}.")
    holders = _holders([level.pk for level in levels])
    return {
        "sku": sku,
        "available": sum(level.available for level in levels if level.warehouse.active),
        "warehouses": [_explained(level, holders[level.pk], with_holders) for level in levels],
    }


def _is_known(sku: str, caller: object) -> bool:
    """Also where nothing of it lies in the caller's warehouses: the item itself is no secret."""
    own = own_items(caller)
    items = StockItem.objects.filter(sku=sku)
    return (items if own is None else items.filter(pk__in=own)).exists()


def _explained(level: Any, holders: list[Any], with_holders: bool) -> dict[str, Any]:
    return {
        "sku": level.sku,
        "code": level.code,
        "active": level.warehouse.active,
        "on_hand": level.on_hand,
        "reserved": level.reserved,
        "safety": level.safety,
        "available": level.available,
        "incoming": level.incoming,
        "bin": level.bin,
        "shortfall": max(level.reserved - level.on_hand, 0),
        "reservations_total": holders[0].total if holders else 0,
        "reservations": holders if with_holders else [],
    }


def _holders(level_ids: list[int]) -> dict[int, list[Any]]:
    ranked = (
        Reservation.objects.open()
        .filter(level_id__in=level_ids)
        .annotate(
            place=Window(RowNumber(), partition_by=F("level_id"), order_by=F("id").asc()),
            total=Window(Count("id"), partition_by=F("level_id")),
        )
        .filter(place__lte=SHOWN_HOLDERS)
        .order_by("level_id", "id")
    )
    by_level: dict[int, list[Any]] = defaultdict(list)
    for reservation in ranked:
        by_level[reservation.level_id].append(reservation)
    return by_level
