"""What of stock waits for a person."""

from audit.exceptions.kinds import ExceptionKind
from audit.exceptions.sweep import Source

SHORTFALL = """
    SELECT 'shortfall', 'inventory.stocklevel', s.level_id::text, i.sku || ' at ' || w.code,
           s.quantity || ' more promised than there is.', ARRAY[w.code::text]
    FROM inventory_shortfall s
    JOIN inventory_stocklevel l ON l.id = s.level_id
    JOIN inventory_stockitem i ON i.id = l.item_id
    JOIN inventory_warehouse w ON w.id = l.warehouse_id
    WHERE s.closed_at IS NULL
"""

# What a WMS told is about a warehouse that is known once it was understood: nobody's of some warehouses.
WMS_EVENT = """
    SELECT 'failing_webhook', 'inventory.wmsevent', e.id::text, e.link || ' ' || e.type || ' ' || e.subject,
           e.last_error, '{}'::text[]
    FROM inventory_wmsevent e WHERE e.state = 'parked'
"""
# Not one that a newer request has followed: it cannot be sent again.
WMS_REQUEST = """
    SELECT 'failing_webhook', 'inventory.wmsrequest', r.id::text,
           r.link || ' ' || r.kind || ' ' || coalesce(
               (SELECT v.order_number FROM inventory_reservation v WHERE v.order_id = r.order_id LIMIT 1), ''),
           r.last_error, ARRAY[w.code::text]
    FROM inventory_wmsrequest r JOIN inventory_warehouse w ON w.id = r.warehouse_id
    WHERE r.state = 'refused' AND (r.kind = 'shipped' OR NOT EXISTS (
        SELECT FROM inventory_wmsrequest later
        WHERE later.order_id = r.order_id AND later.warehouse_id = r.warehouse_id AND later.id > r.id
          AND later.kind <> 'shipped'))
"""

SOURCES = (
    Source(ExceptionKind.SHORTFALL, SHORTFALL),
    Source(ExceptionKind.FAILING_WEBHOOK, WMS_EVENT),
    Source(ExceptionKind.FAILING_WEBHOOK, WMS_REQUEST),
)
