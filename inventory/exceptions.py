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

SOURCES = (Source(ExceptionKind.SHORTFALL, SHORTFALL),)
