"""Telling once that a level runs low: when it falls to its reorder point, and again only after it was refilled.

A sweep looks, so that selling costs nothing more. Levels that somebody is at work on are looked at the next time.
"""

from django.conf import settings
from django.db import connection

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.events import ReorderPointChanged, StockLow
from inventory.models import MAX_ON_HAND, StockLevel
from inventory.services.levels import lock_levels
from kernel.errors import Invalid

BATCH = 500
FALLEN = """
    UPDATE inventory_stocklevel AS l SET low_since = now()
    FROM (SELECT s.id FROM inventory_stocklevel s JOIN inventory_warehouse w ON w.id = s.warehouse_id AND w.active
          WHERE s.low_since IS NULL AND s.available <= coalesce(s.reorder_point, %s)
          ORDER BY s.id LIMIT %s FOR UPDATE OF s SKIP LOCKED) AS due
    WHERE l.id = due.id RETURNING l.id, l.available
"""
REFILLED = """
    UPDATE inventory_stocklevel AS l SET low_since = NULL
    FROM (SELECT s.id FROM inventory_stocklevel s
          WHERE s.low_since IS NOT NULL AND s.available > coalesce(s.reorder_point, %s)
          ORDER BY s.id LIMIT %s FOR UPDATE OF s SKIP LOCKED) AS due
    WHERE l.id = due.id
"""


@verb
def watch_levels(*, by: Actor) -> int:
    """Note which levels have run low or were refilled since the last time, and tell of the former. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(REFILLED, [settings.SHOP_REORDER_POINT, BATCH])
        cursor.execute(FALLEN, [settings.SHOP_REORDER_POINT, BATCH])
        fallen = sorted(cursor.fetchall())
    for level_id, available in fallen:
        publish(StockLow(level_id=level_id, available=available), by=by)
    return len(fallen)


@verb
def set_reorder_point(*, sku: str, warehouse_code: str, reorder_point: int | None, by: Actor) -> StockLevel:
    """Tell when no more than so many units are available; None: at the shop's usual number. Raises `Invalid`."""
    if reorder_point is not None and not 0 <= reorder_point <= MAX_ON_HAND:
        raise Invalid(f"From 0 to {MAX_ON_HAND}.", field="reorder_point")
    (level,) = lock_levels(sku=sku, codes=[warehouse_code])
    if level.reorder_point == reorder_point:
        return level
    level.reorder_point = reorder_point
    level.save(update_fields=["reorder_point"])
    publish(ReorderPointChanged(level_id=level.pk), by=by)
    return level
