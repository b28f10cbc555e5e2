"""Orders and packages that need a person, each kind one statement."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from audit.exceptions.kinds import ExceptionKind
from audit.exceptions.sweep import Source

# The warehouses that have something to do with order `o`.
PLACES = """
    coalesce((SELECT array_agg(DISTINCT w.code::text ORDER BY w.code::text) FROM inventory_warehouse w
              WHERE w.id IN (SELECT warehouse_id FROM inventory_reservation r
                             WHERE r.order_id = o.id AND r.state IN ('held', 'committed')
                             UNION ALL
                             SELECT warehouse_id FROM orders_shipment p
                             WHERE p.order_id = o.id AND p.status IN ('packed', 'shipped'))), '{}')
"""
HOLD = f"""
    SELECT %s, 'orders.order', o.id::text, o.number, h.note, {PLACES}
    FROM orders_hold h JOIN orders_order o ON o.id = h.order_id
    WHERE h.released_at IS NULL AND h.kind = %s AND NOT o.test
"""  # noqa: S608  the two words below
LATE = f"""
    SELECT 'late_to_ship', 'orders.order', o.id::text, o.number,
           'Promised for ' || to_char(o.ship_by AT TIME ZONE %(shop_zone)s, 'YYYY-MM-DD') || '.', {PLACES}
    FROM orders_order o
    WHERE o.status IN ('paid', 'packed') AND o.ship_by < %(shipped_by)s AND NOT o.test
"""  # noqa: S608  our own text
# Until the carrier says something else, or the package has arrived, or is awaited here.
CARRIER = """
    SELECT 'carrier_exception', 'orders.shipment', s.id::text, s.number,
           trim(s.carrier || ' ' || s.tracking_number || ': ' || replace(s.carrier_status, '_', ' ')),
           ARRAY[w.code::text]
    FROM orders_shipment s JOIN inventory_warehouse w ON w.id = s.warehouse_id
    WHERE s.status = 'shipped' AND s.carrier_status IN ('exception', 'returned_to_sender')
      AND NOT EXISTS (
        SELECT FROM orders_return r WHERE r.order_id = s.order_id AND r.shipment_id = s.id AND r.status = 'approved')
"""
SCAN = """
    SELECT 'failing_webhook', 'orders.carrierscan', c.id::text, c.carrier || ' ' || c.tracking_number, c.last_error,
           '{}'::text[]
    FROM orders_carrierscan c WHERE c.state = 'parked'
"""
# What is shipped waits for packages that are on their way: not for those that were lost.
PAST_LIMIT = """
    FROM orders_order o
    JOIN unnest(%(limited)s::text[], %(limits)s::timestamptz[]) AS l (status, before) USING (status)
    CROSS JOIN LATERAL (
        SELECT t.created_at FROM orders_ordertransition t
        WHERE t.order_id = o.id AND t.to_status = o.status AND t.from_status <> o.status
        ORDER BY t.version DESC LIMIT 1) since
    WHERE NOT o.test AND o.created_at < l.before AND since.created_at < l.before
      AND (o.status <> 'shipped' OR EXISTS (
        SELECT FROM orders_shipment p WHERE p.order_id = o.id AND p.status = 'shipped'))
"""
STUCK = f"""
    SELECT 'stuck', 'orders.order', o.id::text, o.number,
           initcap(o.status) || ' since ' || to_char(since.created_at AT TIME ZONE %(shop_zone)s, 'YYYY-MM-DD') || '.',
           {PLACES}
    {PAST_LIMIT}
"""


def _held(kind: ExceptionKind, hold: str) -> Source:
    return Source(kind, HOLD % (f"'{kind}'", f"'{hold}'"))


def _now() -> Mapping[str, Any]:
    return {"shipped_by": timezone.now(), "shop_zone": settings.SHOP_TIME_ZONE}


def limits() -> Mapping[str, Any]:
    """Until when an order of each status must have come into it (`ORDER_STATE_LIMIT_HOURS`)."""
    now = timezone.now()
    hours: Mapping[str, int] = settings.ORDER_STATE_LIMIT_HOURS
    return {
        "limited": list(hours),
        "limits": [now - timedelta(hours=limit) for limit in hours.values()],
        "shop_zone": settings.SHOP_TIME_ZONE,
    }


SOURCES = (
    _held(ExceptionKind.OVERSOLD, "stock"),
    _held(ExceptionKind.ADDRESS, "address"),
    Source(ExceptionKind.LATE_TO_SHIP, LATE, _now),
    Source(ExceptionKind.CARRIER_EXCEPTION, CARRIER),
    Source(ExceptionKind.FAILING_WEBHOOK, SCAN),
    Source(ExceptionKind.STUCK, STUCK, limits),
)
