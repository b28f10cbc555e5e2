"""What must always hold of stock, as SQL that returns no row."""

from audit.doctor import Invariant

INVARIANTS = [
    Invariant(
        name="stock.counters",
        when="always",
        says="No counter of a level is negative, and what it shows as available follows from them.",
        sql="""
            SELECT id, on_hand, reserved, safety, available FROM inventory_stocklevel
            WHERE least(on_hand, reserved, safety) < 0 OR available <> greatest(on_hand - reserved - safety, 0)
        """,
    ),
    Invariant(
        name="stock.reserved",
        when="always",
        says="What a level counts as reserved is the sum of its open reservations.",
        sql="""
            SELECT l.id, l.reserved, coalesce(sum(r.quantity), 0) AS open
            FROM inventory_stocklevel l
            LEFT JOIN inventory_reservation r ON r.level_id = l.id AND r.state IN ('held', 'committed')
            GROUP BY l.id HAVING l.reserved <> coalesce(sum(r.quantity), 0)
        """,
    ),
    Invariant(
        name="stock.on_hand",
        when="always",
        says="What lies in a place is the sum of its movements, each of which leaves what it says.",
        sql="""
            SELECT l.id, l.on_hand, m.total, m.broken
            FROM inventory_stocklevel l
            LEFT JOIN (
                SELECT level_id, sum(delta) AS total, count(*) FILTER (WHERE on_hand_after <> running) AS broken
                FROM (SELECT level_id, delta, on_hand_after,
                             sum(delta) OVER (PARTITION BY level_id ORDER BY id) AS running
                      FROM inventory_stockmovement) AS steps
                GROUP BY level_id) AS m ON m.level_id = l.id
            WHERE l.on_hand <> coalesce(m.total, 0) OR coalesce(m.broken, 0) > 0
        """,
    ),
    Invariant(
        name="stock.shortfalls",
        when="always",
        says="Where more is promised than lies there, one open shortfall says exactly how much; nowhere else.",
        sql="""
            SELECT l.id, l.reserved - l.on_hand AS gap, s.quantity AS shortfall
            FROM inventory_stocklevel l
            LEFT JOIN inventory_shortfall s ON s.level_id = l.id AND s.closed_at IS NULL
            WHERE greatest(l.reserved - l.on_hand, 0) <> coalesce(s.quantity, 0)
        """,
    ),
    Invariant(
        name="stock.expiry",
        when="calm",
        says="No unpaid reservation is past its expiry by more than a minute.",
        sql="""
            SELECT id, order_id, expires_at FROM inventory_reservation
            WHERE state = 'held' AND expires_at < now() - interval '60 seconds'
        """,
    ),
    Invariant(
        name="stock.shipped",
        when="always",
        says="What was shipped of an order's line is what was reserved for it and consumed, and no more came back.",
        sql="""
            WITH moved AS (
                SELECT order_line_id, -coalesce(sum(delta) FILTER (WHERE kind = 'shipped'), 0) AS shipped,
                       coalesce(sum(delta) FILTER (WHERE kind = 'returned'), 0) AS returned
                FROM inventory_stockmovement WHERE order_line_id IS NOT NULL GROUP BY order_line_id),
            consumed AS (
                SELECT order_line_id, sum(quantity) AS consumed
                FROM inventory_reservation WHERE state = 'consumed' GROUP BY order_line_id)
            SELECT order_line_id, consumed, shipped, returned
            FROM moved FULL JOIN consumed USING (order_line_id)
            WHERE coalesce(consumed, 0) <> coalesce(shipped, 0) OR coalesce(returned, 0) > coalesce(shipped, 0)
        """,
    ),
    Invariant(
        name="stock.one_movement",
        when="always",
        says="One cause ships or takes back a line of an order once.",
        sql="""
            SELECT order_line_id, kind, cause, count(*) FROM inventory_stockmovement
            WHERE order_line_id IS NOT NULL GROUP BY order_line_id, kind, cause HAVING count(*) > 1
        """,
    ),
    Invariant(
        name="stock.waiting",
        when="always",
        says="What an item counts as waiting is the sum of the units sold ahead that nobody has yet.",
        sql="""
            SELECT i.sku, i.waiting, coalesce(sum(b.quantity), 0) AS sold_ahead
            FROM inventory_stockitem i
            LEFT JOIN inventory_backorder b ON b.item_id = i.id AND b.state = 'waiting'
            GROUP BY i.id HAVING i.waiting <> coalesce(sum(b.quantity), 0)
        """,
    ),
    Invariant(
        name="stock.transfers",
        when="always",
        says="What left for another warehouse is on the way, has arrived, was lost or is back.",
        sql="""
            SELECT t.number, t.state, l.item_id, l.quantity, l.received, m.moved
            FROM inventory_transfer t JOIN inventory_transferline l ON l.transfer_id = t.id
            LEFT JOIN (
                SELECT cause, item_id, sum(delta) AS moved FROM inventory_stockmovement
                WHERE kind = 'transferred' GROUP BY cause, item_id) m
              ON m.cause = 'transfer:' || t.number AND m.item_id = l.item_id
            WHERE coalesce(m.moved, 0) <> CASE t.state
                WHEN 'cancelled' THEN 0 WHEN 'received' THEN l.received - l.quantity ELSE -l.quantity END
        """,
    ),
    Invariant(
        name="stock.places",
        when="always",
        says="A reservation and a movement are of the item and the warehouse of their level.",
        sql="""
            SELECT 'reservation' AS kind, r.id FROM inventory_reservation r
            JOIN inventory_stocklevel l ON l.id = r.level_id
            WHERE (r.item_id, r.warehouse_id) <> (l.item_id, l.warehouse_id)
            UNION ALL
            SELECT 'movement', m.id FROM inventory_stockmovement m
            JOIN inventory_stocklevel l ON l.id = m.level_id
            WHERE (m.item_id, m.warehouse_id) <> (l.item_id, l.warehouse_id)
        """,
    ),
]
