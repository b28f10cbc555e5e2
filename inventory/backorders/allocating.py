"""Giving what came in to those who have waited longest."""

from dataclasses import replace
from datetime import datetime

from django.db.models import Exists, Min, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from inventory.allocation import Want
from inventory.backorders.selling import close_waiting, count_waiting, lock_items
from inventory.models import Backorder, StockLevel
from inventory.routing import Destination, Reason, share_out
from inventory.services.reserve import lock_selling, rules_of, shelves_of, take_shares

WAITING = Backorder.State.WAITING


def orders_to_serve(limit: int = 200) -> list[int]:
    """Ids of orders that wait for something of which units are free, the longest waiting first."""
    there = StockLevel.objects.selling().filter(item=OuterRef("item"), available__gt=0)
    waiting = Backorder.objects.filter(Exists(there), state=WAITING)
    return list(
        waiting.order_by()
        .values("order_id")
        .annotate(first=Min("id"))
        .order_by("first")
        .values_list("order_id", flat=True)[:limit]
    )


def allocate_waiting(*, order_id: int, number: str, expires_at: datetime | None, to: Destination) -> dict[int, int]:
    """Reserve what came in for the order, as far as nobody has waited longer. Returns units by line id.

    The caller holds the lock of the order, and says until when an unpaid one holds them.
    """
    older = (
        Backorder.objects.filter(item=OuterRef("item"), state=WAITING, id__lt=OuterRef("id"))
        .order_by()
        .values("item")
        .annotate(units=Sum("quantity"))
        .values("units")
    )
    rows = list(
        Backorder.objects.filter(order_id=order_id, state=WAITING)
        .annotate(older=Coalesce(Subquery(older), 0))
        .select_related("item")
        .order_by("id")
    )
    levels = {level.pk: level for level in lock_selling({row.item.sku for row in rows})}
    shelves = shelves_of(levels.values(), to)
    free = {sku: sum(shelf.free for shelf in shelves if shelf.sku == sku) for sku in {row.item.sku for row in rows}}
    shares_of = [(row, min(row.quantity, free[row.item.sku] - row.older)) for row in rows]
    parts = [(row, units) for row, units in shares_of if units > 0]
    if not parts:
        return {}
    lock_items({row.item.sku for row, _ in parts})
    wants = [Want(row.order_line_id, row.item.sku, units) for row, units in parts]
    shares = [replace(share, reason=Reason.BACKORDER) for share in share_out(wants, shelves, rules_of(levels))]
    take_shares(shares, levels, order_id=order_id, number=number, expires_at=expires_at)
    given, units_of = dict[int, int](), dict[int, int]()
    for row, units in parts:
        given[row.order_line_id] = given.get(row.order_line_id, 0) + units
        units_of[row.item_id] = units_of.get(row.item_id, 0) - units
    close_waiting(parts, Backorder.State.ALLOCATED)
    count_waiting(units_of)
    return given
