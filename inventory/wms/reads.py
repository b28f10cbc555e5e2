"""Sums over many levels, one statement each."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import connection

from inventory.wms.models import WmsDifference
from inventory.wms.states import DifferenceState

# Our own movements since the WMS counted. A package of the WMS itself counts from when it left its shelf, and what our
# people shipped from when the WMS was told, since until then its number has the units.
SINCE = """
    SELECT level_id, sum(delta) FROM (
        SELECT m.level_id, m.delta
        FROM unnest(%(levels)s::bigint[], %(moments)s::timestamptz[]) AS f (level_id, as_of)
        JOIN inventory_stockmovement m ON m.level_id = f.level_id AND m.created_at > f.as_of AND m.kind <> 'synced'
        WHERE m.kind <> 'shipped' OR NOT EXISTS (
            SELECT FROM inventory_wmsshipment s WHERE s.cause = m.cause AND s.shipped_at <= f.as_of)
        UNION ALL
        SELECT m.level_id, m.delta
        FROM unnest(%(levels)s::bigint[], %(moments)s::timestamptz[]) AS f (level_id, as_of)
        JOIN inventory_stocklevel l ON l.id = f.level_id
        JOIN inventory_wmsrequest r ON r.kind = 'shipped' AND r.warehouse_id = l.warehouse_id
            AND (r.state IN ('pending', 'unknown', 'refused') OR r.accepted_at > f.as_of)
        JOIN inventory_stockmovement m ON m.cause = r.cause AND m.level_id = f.level_id
            AND m.kind = 'shipped' AND m.created_at <= f.as_of
        ) AS own GROUP BY level_id
"""
PENDING = """
    SELECT r.level_id, sum(r.quantity) FROM inventory_reservation r
    WHERE r.level_id = ANY(%s) AND r.state IN ('held', 'committed') AND EXISTS (
        SELECT FROM inventory_wmsrequest q
        WHERE q.order_id = r.order_id AND q.warehouse_id = r.warehouse_id AND q.kind = 'fulfil'
          AND q.state IN ('pending', 'unknown'))
    GROUP BY r.level_id
"""


def since_then(moments: Mapping[int, datetime]) -> dict[int, int]:
    """Level id → units that came and went here and that a number of that moment does not have."""
    if not moments:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(SINCE, {"levels": list(moments), "moments": list(moments.values())})
        return {level: int(units) for level, units in cursor.fetchall()}


def pending_units(levels: Sequence[int]) -> dict[int, int]:
    """Level id → reserved units whose request has not been accepted yet."""
    if not levels:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(PENDING, [list(levels)])
        return {level: int(units) for level, units in cursor.fetchall()}


def ignored_before(levels: Collection[int]) -> dict[int, set[tuple[int | None, int | None]]]:
    """Level id → the pairs (theirs, ours) that a person has ignored there."""
    if not levels:
        return {}
    found: dict[int, set[tuple[int | None, int | None]]] = defaultdict(set)
    rows = WmsDifference.objects.filter(level_id__in=levels, state=DifferenceState.IGNORED)
    for level, theirs, ours in rows.values_list("level_id", "theirs", "ours"):
        if level is not None:
            found[level].add((theirs, ours))
    return found
