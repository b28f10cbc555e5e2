"""Selling what is not there yet, up to the limit of each item.

Locks: the levels of the items first, then the items by id. `waiting` of an item is written here and in
`inventory.backorders.allocating` alone.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from django.db import connection

from inventory.allocation import Shelf, Want, requested_by_sku
from inventory.errors import InsufficientStock
from inventory.models import Backorder, StockItem
from kernel.errors import FieldProblem

# Guarded, so that even a caller without the lock cannot sell more ahead than may be.
COUNT = """
    UPDATE inventory_stockitem AS i SET waiting = i.waiting + c.units
    FROM unnest(%s::bigint[], %s::int[]) AS c (id, units)
    WHERE i.id = c.id AND (c.units < 0 OR i.waiting + c.units <= i.backorder_limit)
"""


def spared(shelves: Sequence[Shelf], waiting: Mapping[str, int]) -> list[Shelf]:
    """The shelves without the units that came in for those who wait."""
    left, free = dict(waiting), []
    for shelf in shelves:
        kept = min(left.get(shelf.sku, 0), shelf.free)
        left[shelf.sku] = left.get(shelf.sku, 0) - kept
        free.append(replace(shelf, free=shelf.free - kept))
    return free


def lock_items(skus: Collection[str]) -> dict[str, StockItem]:
    """The items, locked in the order of their ids, as they are now."""
    found = StockItem.objects.filter(sku__in=skus).order_by("id").select_for_update(no_key=True)
    return {item.sku: item for item in found}


def sell_ahead(
    wants: Sequence[Want], shelves: Sequence[Shelf], *, order_id: int, number: str
) -> tuple[list[Want], list[Backorder]]:
    """What of the wants is there, and the rest sold ahead. The caller holds the levels. Raises `InsufficientStock`."""
    items = lock_items({want.sku for want in wants})
    free = Counter[str]()
    for shelf in spared(shelves, {sku: item.waiting for sku, item in items.items()}):
        free[shelf.sku] += shelf.free
    now, later = _divide(wants, free)
    ahead = requested_by_sku(later)
    room = {sku: items[sku].room_ahead if sku in items else 0 for sku in ahead}
    if lacking := {sku: free[sku] + room[sku] for sku, units in ahead.items() if units > room[sku]}:
        raise insufficient(wants, lacking)
    count_waiting({items[sku].pk: units for sku, units in ahead.items()})
    rows = [
        Backorder(
            item=items[want.sku],
            order_id=order_id,
            order_line_id=want.line_id,
            order_number=number,
            quantity=want.quantity,
            promised_on=items[want.sku].promised_on,
        )
        for want in later
    ]
    return now, Backorder.objects.bulk_create(rows)


def _divide(wants: Sequence[Want], free: Mapping[str, int]) -> tuple[list[Want], list[Want]]:
    left = Counter(free)
    now, later = [], []
    for want in wants:
        there = min(want.quantity, left[want.sku])
        left[want.sku] -= there
        if there:
            now.append(replace(want, quantity=there))
        if there < want.quantity:
            later.append(replace(want, quantity=want.quantity - there))
    return now, later


def count_waiting(units: Mapping[int, int]) -> None:
    """Add to the `waiting` of items; negative takes away. Raises `InsufficientStock` beyond a limit."""
    if not units:
        return
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [list(units), list(units.values())])
        if cursor.rowcount != len(units):
            raise InsufficientStock("Others have ordered the last units meanwhile.")


def cancel_waiting(*, order_id: int, quantities: Mapping[int, int]) -> None:
    """Nobody waits any more for so many units by line id, of what was ordered last first.

    The caller holds the order and has released what it gives back of the levels before.
    """
    rows = list(
        Backorder.objects.filter(
            order_id=order_id, order_line_id__in=list(quantities), state=Backorder.State.WAITING
        ).order_by("-id")
    )
    left, units, parts = Counter(quantities), Counter[int](), []
    for row in rows:
        taken = min(left[row.order_line_id], row.quantity)
        left[row.order_line_id] -= taken
        units[row.item_id] -= taken
        parts.append((row, taken))
    close_waiting(parts, Backorder.State.CANCELLED)
    lock_by_id(units)
    count_waiting(dict(units))


def lock_by_id(item_ids: Collection[int]) -> None:
    """Lock the items in the order of their ids."""
    list(StockItem.objects.filter(pk__in=list(item_ids)).order_by("id").select_for_update(no_key=True).values("pk"))


def close_waiting(parts: Sequence[tuple[Backorder, int]], state: Backorder.State) -> None:
    """Bring so many units of each row into their last state; what stays waiting keeps its row and its place."""
    changed, split = [], []
    for row, units in parts:
        if units == row.quantity:
            row.state = state
            changed.append(row)
        elif units:
            row.quantity -= units
            changed.append(row)
            split.append(_part(row, units, state))
    Backorder.objects.bulk_update(changed, ["state", "quantity"])
    Backorder.objects.bulk_create(split)


def _part(row: Backorder, units: int, state: Backorder.State) -> Backorder:
    return Backorder(
        item_id=row.item_id,
        order_id=row.order_id,
        order_line_id=row.order_line_id,
        order_number=row.order_number,
        quantity=units,
        state=state,
        promised_on=row.promised_on,
    )


def insufficient(wants: Sequence[Want], lacking: Mapping[str, int]) -> InsufficientStock:
    """The refusal for these wants, given how many units of each lacking item could be had."""
    requested = requested_by_sku(wants)
    return InsufficientStock(
        f"Not enough stock of {', '.join(sorted(lacking))}.",
        problems=[
            FieldProblem(f"lines.{place}.quantity", InsufficientStock.code, f"Only {lacking[want.sku]} available.")
            for place, want in enumerate(wants)
            if want.sku in lacking
        ],
        items=[
            {"sku": sku, "requested": requested[sku], "available": available}
            for sku, available in sorted(lacking.items())
        ],
    )
