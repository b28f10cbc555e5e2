"""The doctor of stock: compares counters with the rows behind them, explains the difference, and repairs it.

What lies on a shelf is repaired by a movement, so that the ledger says that something was found and by whom. What is
promised or waited for is counted again under the lock, since its rows are the truth.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.db.models import Sum

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.backorders.selling import lock_items
from inventory.events import StockAdjusted
from inventory.models import Backorder, Reservation, StockItem, StockLevel, StockMovement
from inventory.services.shortfalls import settle_shortfalls

BY = Actor.system("doctor")
COMPARED = """
    SELECT l.id, i.sku, w.code, l.on_hand, l.reserved, coalesce(m.total, 0), coalesce(r.total, 0),
           coalesce(s.quantity, 0)
    FROM inventory_stocklevel l
    JOIN inventory_stockitem i ON i.id = l.item_id JOIN inventory_warehouse w ON w.id = l.warehouse_id
    LEFT JOIN (SELECT level_id, sum(delta) AS total FROM inventory_stockmovement GROUP BY level_id) m
           ON m.level_id = l.id
    LEFT JOIN (SELECT level_id, sum(quantity) AS total FROM inventory_reservation
               WHERE state IN ('held', 'committed') GROUP BY level_id) r ON r.level_id = l.id
    LEFT JOIN inventory_shortfall s ON s.level_id = l.id AND s.closed_at IS NULL
    WHERE (%(sku)s = '' OR i.sku = %(sku)s)
      AND (l.on_hand <> coalesce(m.total, 0) OR l.reserved <> coalesce(r.total, 0)
           OR greatest(l.reserved - l.on_hand, 0) <> coalesce(s.quantity, 0))
    ORDER BY i.sku, w.priority, w.id
"""
WAITING = """
    SELECT i.sku, i.waiting, coalesce(sum(b.quantity), 0) FROM inventory_stockitem i
    LEFT JOIN inventory_backorder b ON b.item_id = i.id AND b.state = 'waiting'
    WHERE %(sku)s = '' OR i.sku = %(sku)s
    GROUP BY i.id HAVING i.waiting <> coalesce(sum(b.quantity), 0) ORDER BY i.sku
"""


class Compared(NamedTuple):
    """A level whose counters differ from their rows: `moved`, `promised` and `short` are what the rows say."""

    pk: int
    sku: str
    code: str
    on_hand: int
    reserved: int
    moved: int
    promised: int
    short: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that does not add up: where, in words, what would be done, and the doing."""

    where: str
    says: str
    remedy: str
    repair: Callable[[], None]


def differences(sku: str = "") -> list[Difference]:
    """What does not add up of one item, or of all. Two statements."""
    with connection.cursor() as cursor:
        cursor.execute(COMPARED, {"sku": sku})
        levels = cursor.fetchall()
        cursor.execute(WAITING, {"sku": sku})
        items = cursor.fetchall()
    found = [difference for level in levels for difference in _of_level(Compared(*level))]
    return found + [_of_item(*item) for item in items]


def _of_level(level: Compared) -> Iterator[Difference]:
    where, gap = f"{level.sku} at {level.code}", max(level.promised - level.on_hand, 0)
    if level.on_hand != level.moved:
        change = level.on_hand - level.moved
        yield Difference(
            where,
            f"{level.on_hand} on hand, but its movements add up to {level.moved}: {abs(change)} units "
            f"{'came' if change > 0 else 'left'} without a movement.",
            f"write a movement of {change:+d} (correction), so that the ledger ends at {level.on_hand}; "
            "then count the shelf",
            lambda: _repair_on_hand(level_id=level.pk, by=BY),
        )
    if level.reserved != level.promised:
        yield Difference(
            where,
            f"{level.reserved} counted as reserved, but its open reservations add up to {level.promised}.",
            f"count again: {level.reserved} becomes {level.promised}",
            lambda: _repair_reserved(level_id=level.pk, by=BY),
        )
    if level.short != gap:
        yield Difference(
            where,
            f"{level.promised} promised and {level.on_hand} on hand make {gap} short, "
            f"but the open shortfall says {level.short}.",
            f"let the shortfall say {gap}" if gap else "close the shortfall",
            lambda: _repair_reserved(level_id=level.pk, by=BY),
        )


def _of_item(sku: str, waiting: int, sold_ahead: int) -> Difference:
    return Difference(
        sku,
        f"{waiting} counted as waiting, but {sold_ahead} units are sold ahead that nobody has yet.",
        f"count again: {waiting} becomes {sold_ahead}",
        lambda: _repair_waiting(sku=sku, by=BY),
    )


@verb
def _repair_on_hand(*, level_id: int, by: Actor) -> None:
    level = StockLevel.objects.select_for_update(of=("self",)).get(pk=level_id)
    movements = StockMovement.objects.filter(level=level).order_by()
    change = level.on_hand - movements.aggregate(units=Sum("delta", default=0))["units"]
    if not change:
        return
    movement = StockMovement.objects.create(
        level=level,
        item_id=level.item_id,
        warehouse_id=level.warehouse_id,
        delta=change,
        on_hand_after=level.on_hand,
        kind=StockMovement.Kind.ADJUSTED,
        reason=StockMovement.Reason.CORRECTION,
        cause=f"doctor:{uuid.uuid4()}",
        actor=str(by),
    )
    publish(StockAdjusted(level_id=level.pk, movement_id=movement.pk), by=by)


@verb
def _repair_reserved(*, level_id: int, by: Actor) -> None:
    level = StockLevel.objects.select_for_update(of=("self",)).get(pk=level_id)
    opened = Reservation.objects.open().filter(level=level).order_by()
    level.reserved = sum(opened.values_list("quantity", flat=True))
    level.save(update_fields=["reserved"])
    settle_shortfalls({level.pk: level.reserved - level.on_hand})


@verb
def _repair_waiting(*, sku: str, by: Actor) -> None:
    item: StockItem = lock_items([sku])[sku]
    rows = Backorder.objects.filter(item=item, state=Backorder.State.WAITING).order_by()
    item.waiting = sum(rows.values_list("quantity", flat=True))
    item.save(update_fields=["waiting"])


def visit(*, sku: str, repair: bool, sure: bool, write: Callable[[str], object]) -> int:
    """Say what does not add up. With `repair` also what would be done, and with `sure` do it.

    Returns how many differences are left.
    """
    found = differences(sku)
    for difference in found:
        write(f"✗ {difference.where}: {difference.says}")
        if repair:
            write(f"    {'doing' if sure else 'would'}: {difference.remedy}.")
        if repair and sure:
            difference.repair()
    left = differences(sku) if repair and sure and found else found
    if not found:
        write("Stock adds up.")
    elif repair and sure:
        write(f"{len(found) - len(left)} of {len(found)} repaired.")
    elif repair:
        write("Nothing was changed. Add --yes to do it.")
    return len(left)


SPECIALISTS = {"stock": visit}
