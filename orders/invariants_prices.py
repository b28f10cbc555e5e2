"""What must always hold of how totals came about, and of the tables that prices are read from."""

from audit.doctor import Invariant

INVARIANTS = [
    Invariant(
        name="orders.discounts",
        when="always",
        says="What rules and codes took off a line is its discount.",
        sql="""
            SELECT l.id, l.sku, l.discount, d.sum FROM orders_orderline l
            JOIN orders_shippingcharge s ON s.order_id = l.order_id
            LEFT JOIN (SELECT line_id, sum(amount) AS sum FROM orders_linediscount GROUP BY line_id) d
                   ON d.line_id = l.id
            WHERE l.discount <> coalesce(d.sum, 0)
        """,
    ),
    Invariant(
        name="orders.taxes",
        when="always",
        says="The tax lines of an order are the taxes of its lines and of its shipping.",
        sql="""
            SELECT o.number, o.tax_total, o.included_tax_total, t.added, t.included FROM orders_order o
            JOIN orders_shippingcharge s ON s.order_id = o.id
            LEFT JOIN (SELECT order_id, sum(amount) FILTER (WHERE NOT included) AS added,
                              sum(amount) FILTER (WHERE included) AS included
                       FROM orders_taxline GROUP BY order_id) t ON t.order_id = o.id
            WHERE o.tax_total <> coalesce(t.added, 0) OR o.included_tax_total <> coalesce(t.included, 0)
        """,
    ),
    Invariant(
        name="orders.tax_taken_back",
        when="always",
        says="A tax provider is never told to take back more than it has booked.",
        sql="""
            SELECT d.order_id, d.amount, sum(t.amount) FROM orders_taxdocument d
            JOIN orders_taxoperation t ON t.document_id = d.id AND t.kind <> 'commit'
            GROUP BY d.id HAVING sum(t.amount) > d.amount
        """,
    ),
    Invariant(
        name="orders.tax_told",
        when="calm",
        says="A tax provider is told within the hour, and declines nothing.",
        sql="""
            SELECT id, cause, last_error FROM orders_taxoperation
            WHERE state = 'failed' OR (state = 'pending' AND created_at < now() - interval '1 hour')
        """,
    ),
    Invariant(
        name="orders.shipping_bands",
        when="always",
        says="The bands of a shipping rate never overlap.",
        sql="""
            SELECT a.rate_id, a.lower, a.upper, b.lower FROM orders_shippingband a
            JOIN orders_shippingband b ON b.rate_id = a.rate_id AND b.id <> a.id AND b.lower >= a.lower
            WHERE a.upper IS NULL OR b.lower < a.upper
        """,
    ),
]
