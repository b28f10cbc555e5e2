"""What must always hold of pick lists and scans."""

from audit.doctor import Invariant

INVARIANTS = [
    Invariant(
        name="orders.pick_tasks",
        when="always",
        says="A list that was called off asks for nothing, and a task is for a line of its order, in the list's house.",
        sql="""
            SELECT t.id, p.number, t.sku FROM orders_picktask t
            JOIN orders_picklist p ON p.id = t.pick_list_id
            JOIN orders_orderline l ON l.id = t.line_id
            WHERE (p.state = 'cancelled' AND t.closed_at IS NULL)
               OR l.order_id <> t.order_id OR t.warehouse_id <> p.warehouse_id
        """,
    ),
    Invariant(
        name="orders.scans",
        when="always",
        says="A package whose carrier told us of its delivery is delivered.",
        sql="""
            SELECT s.id, s.tracking_number, p.number, p.status FROM orders_carrierscan s
            JOIN orders_shipment p ON p.id = s.shipment_id
            WHERE s.state = 'processed' AND s.status = 'delivered' AND p.status NOT IN ('delivered', 'returned', 'lost')
        """,
    ),
]
