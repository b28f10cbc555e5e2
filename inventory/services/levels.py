"""The counters of stock levels: how they are locked, and the only place that writes them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from inventory.models import StockItem, StockLevel, Warehouse
from inventory.services.shortfalls import settle_shortfalls
from kernel.errors import Invalid

if TYPE_CHECKING:
    Place = tuple[int, int]  # ids of item and warehouse

# Guarded, so that even a caller without the lock cannot promise what is not there.
UPDATE = """
    UPDATE inventory_stocklevel AS l
    SET on_hand = l.on_hand + c.on_hand, reserved = l.reserved + c.reserved
    FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS c (id, on_hand, reserved)
    WHERE l.id = c.id AND (c.reserved <= 0 OR l.on_hand - l.reserved - l.safety >= c.reserved)
    RETURNING l.id, l.on_hand, l.reserved
"""
# The key-share lock keeps a warehouse from being deleted before the level that needs it is committed.
INSERT = """
    INSERT INTO inventory_stocklevel (item_id, warehouse_id, on_hand, reserved, safety)
    SELECT p.item_id, w.id, 0, 0, 0
    FROM unnest(%s::bigint[], %s::bigint[]) AS p (item_id, warehouse_id)
    JOIN inventory_warehouse w ON w.id = p.warehouse_id
    ORDER BY p.item_id, w.id
    FOR KEY SHARE OF w
    ON CONFLICT (item_id, warehouse_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Change:
    """What is added to the counters of one level; negative takes away."""

    on_hand: int = 0
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class Counters:
    """The counters of one level after a change."""

    on_hand: int
    reserved: int


def change_levels(changes: Mapping[int, Change]) -> dict[int, Counters]:
    """Move counters of levels that the caller has locked, in one statement; keep their shortfalls exact."""
    if not changes:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            UPDATE,
            [list(changes), [c.on_hand for c in changes.values()], [c.reserved for c in changes.values()]],
        )
        counters = {pk: Counters(on_hand, reserved) for pk, on_hand, reserved in cursor.fetchall()}
    if len(counters) != len(changes):
        raise RuntimeError("Counters may only be moved under the locks of their levels.")
    settle_shortfalls(
        {
            pk: after.reserved - after.on_hand
            for pk, after in counters.items()
            if after.reserved > after.on_hand or _was_short(after, changes[pk])
        }
    )
    return counters


def _was_short(after: Counters, change: Change) -> bool:
    return after.reserved - change.reserved > after.on_hand - change.on_hand


def lock_levels(*, sku: str, codes: Sequence[str], fields: Sequence[str] = ("warehouse",)) -> list[StockLevel]:
    """The levels of one item at these warehouses, locked, in the order of the codes; made where missing.

    Raises `Invalid` for an unknown SKU or warehouse; `fields` names the inputs that the codes came from.
    """
    item = StockItem.objects.filter(sku=sku).first()
    if item is None:
        raise Invalid(f"There is no item {sku}.", field="sku")
    known = {warehouse.code: warehouse for warehouse in Warehouse.objects.filter(code__in=codes)}
    for code, field in zip(codes, fields, strict=True):
        if code not in known:
            raise Invalid(f"There is no warehouse {code}.", field=field)
    levels = lock_places([(item.pk, known[code].pk) for code in codes])
    return [levels[item.pk, known[code].pk] for code in codes]


def lock_places(places: Collection["Place"]) -> dict["Place", StockLevel]:
    """The levels of these (item id, warehouse id) pairs, locked in the order of their ids; made where missing."""
    levels = _locked(places)
    absent = [place for place in places if place not in levels]
    if not absent:
        return levels
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [[item for item, _ in absent], [warehouse for _, warehouse in absent]])
    # A level that somebody else made meanwhile may have a lower id than those locked above; two who meet
    # there are told apart by PostgreSQL's deadlock check, and the loser runs again.
    return levels | _locked(absent)


def _locked(places: Collection["Place"]) -> dict["Place", StockLevel]:
    levels = (
        StockLevel.objects.filter(
            item_id__in={item for item, _ in places}, warehouse_id__in={warehouse for _, warehouse in places}
        )
        .select_related("item", "warehouse")
        .select_for_update(of=("self",))
        .order_by("id")
    )
    return {(level.item_id, level.warehouse_id): level for level in levels}
