"""What must always hold in the tables of orders."""

from django.conf import settings

from audit.doctor import Invariant
from orders.invariants_bench import INVARIANTS as BENCH
from orders.invariants_codes import INVARIANTS as CODES
from orders.invariants_prices import INVARIANTS as PRICES

# How long an order may stay in a state, and how long the sweep may take to find one that stays longer.
LIMITS = ", ".join(
    f"('{status}', interval '{hours} hours')" for status, hours in settings.ORDER_STATE_LIMIT_HOURS.items()
)
GRACE = "interval '5 minutes'"

INVARIANTS = [
    *PRICES,
    *CODES,
    *BENCH,
    Invariant(
        name="orders.total",
        when="always",
        says="An order's totals are the sums of its lines, and its total adds up.",
        sql="""
            SELECT o.number, o.subtotal, o.tax_total, o.discount_total, o.total
            FROM orders_order o JOIN (
                SELECT order_id, sum(unit_price * quantity) AS gross, sum(tax) AS tax, sum(discount) AS discount,
                       sum(included_tax) AS included_tax
                FROM orders_orderline GROUP BY order_id) l ON l.order_id = o.id
            LEFT JOIN orders_shippingcharge s ON s.order_id = o.id
            WHERE o.subtotal <> l.gross OR o.discount_total <> l.discount
               OR o.tax_total <> l.tax + coalesce(s.tax, 0)
               OR o.included_tax_total <> l.included_tax + coalesce(s.included_tax, 0)
               OR o.shipping_total <> coalesce(s.price - s.discount, o.shipping_total)
               OR o.total <> o.subtotal - o.discount_total + o.shipping_total + o.tax_total
        """,
    ),
    Invariant(
        name="orders.transitions",
        when="always",
        says="The transitions of an order form one path: versions without gap, each starting where the last ended.",
        sql="""
            SELECT o.number, o.version, o.status, t.n, t.newest, t.broken
            FROM orders_order o LEFT JOIN (
                SELECT order_id, count(*) AS n, max(version) AS newest,
                       bool_or(from_status <> coalesce(previous, '')) AS broken
                FROM (SELECT order_id, version, from_status,
                             lag(to_status) OVER (PARTITION BY order_id ORDER BY version) AS previous
                      FROM orders_ordertransition) steps
                GROUP BY order_id) t ON t.order_id = o.id
            WHERE t.n IS NULL OR t.n <> o.version OR t.newest <> o.version OR t.broken
        """,
    ),
    Invariant(
        name="orders.status",
        when="always",
        says="The newest transition of an order shows the statuses stored on it.",
        sql="""
            SELECT o.number, o.status, t.to_status FROM orders_order o
            JOIN orders_ordertransition t ON t.order_id = o.id AND t.version = o.version
            WHERE (o.status, o.payment_status, o.fulfillment_status, o.return_status)
               IS DISTINCT FROM (t.to_status, t.payment_status, t.fulfillment_status, t.return_status)
        """,
    ),
    Invariant(
        name="orders.packages",
        when="always",
        says="The units of a line that are packed are those in its packages.",
        sql="""
            SELECT l.id, l.sku, l.packed, l.shipped, l.delivered, s.packed, s.shipped, s.delivered
            FROM orders_orderline l LEFT JOIN (
                SELECT p.line_id, sum(p.quantity) AS packed,
                       sum(p.quantity) FILTER (WHERE s.status <> 'packed') AS shipped,
                       sum(p.quantity) FILTER (WHERE s.status IN ('delivered', 'returned')) AS delivered
                FROM orders_shipmentline p JOIN orders_shipment s ON s.id = p.shipment_id
                WHERE s.status <> 'cancelled' GROUP BY p.line_id) s ON s.line_id = l.id
            WHERE l.packed <> coalesce(s.packed, 0) OR l.shipped <> coalesce(s.shipped, 0)
               OR l.delivered <> coalesce(s.delivered, 0)
        """,
    ),
    Invariant(
        name="orders.returns",
        when="always",
        says="The returned units of a line are those received by its returns.",
        sql="""
            SELECT l.id, l.sku, l.returned, r.received FROM orders_orderline l
            LEFT JOIN (SELECT line_id, sum(received) AS received FROM orders_returnline GROUP BY line_id) r
                   ON r.line_id = l.id
            WHERE l.returned <> coalesce(r.received, 0)
        """,
    ),
    Invariant(
        name="orders.reservations",
        when="always",
        says="The open units of each line of a live order are those reserved for it and those that wait; others none.",
        sql="""
            SELECT o.number, l.sku, o.status, l.quantity - l.cancelled - l.shipped AS open_units, r.reserved, b.waiting
            FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
            LEFT JOIN (SELECT order_line_id, sum(quantity) AS reserved FROM inventory_reservation
                       WHERE state IN ('held', 'committed') GROUP BY order_line_id) r ON r.order_line_id = l.id
            LEFT JOIN (SELECT order_line_id, sum(quantity) AS waiting FROM inventory_backorder
                       WHERE state = 'waiting' GROUP BY order_line_id) b ON b.order_line_id = l.id
            WHERE NOT o.test
              AND l.quantity - l.cancelled - l.shipped <> coalesce(r.reserved, 0) + coalesce(b.waiting, 0)
        """,
    ),
    Invariant(
        name="orders.waiting",
        when="always",
        says="What a line shows as waiting are its units sold beyond the stock that nobody has yet.",
        sql="""
            SELECT l.id, l.sku, l.waiting, b.waiting AS sold_ahead FROM orders_orderline l
            LEFT JOIN (SELECT order_line_id, sum(quantity) AS waiting FROM inventory_backorder
                       WHERE state = 'waiting' GROUP BY order_line_id) b ON b.order_line_id = l.id
            WHERE l.waiting <> coalesce(b.waiting, 0)
        """,
    ),
    Invariant(
        name="orders.test",
        when="always",
        says="A test order is a partner's and has nothing in the world: no stock, no package, no code, no tax booked.",
        sql="""
            SELECT o.number, o.partner_id FROM orders_order o
            WHERE o.test AND (o.partner_id IS NULL
                OR EXISTS (SELECT FROM inventory_reservation r WHERE r.order_id = o.id)
                OR EXISTS (SELECT FROM orders_shipment s WHERE s.order_id = o.id)
                OR EXISTS (SELECT FROM orders_discountredemption d WHERE d.order_id = o.id)
                OR EXISTS (SELECT FROM orders_taxdocument t WHERE t.order_id = o.id))
        """,
    ),
    Invariant(
        name="orders.expired",
        when="calm",
        says="No unpaid order, and no unpaid edit of a paid one, is past its expiry by a minute.",
        sql="""
            SELECT number, expires_at FROM orders_order
            WHERE (status = 'pending' AND expires_at IS NULL)
               OR (expires_at < now() - interval '60 seconds' AND (status = 'pending' OR paid_at IS NOT NULL))
        """,
    ),
    Invariant(
        name="orders.limits",
        when="calm",
        says="No order stays past its state's limit without an exception, unless what left of it is delivered or lost.",
        sql=f"""
            SELECT o.number, o.status, since.created_at FROM orders_order o
            JOIN (VALUES {LIMITS}) AS l (status, longest) USING (status)
            CROSS JOIN LATERAL (
                SELECT t.created_at FROM orders_ordertransition t
                WHERE t.order_id = o.id AND t.to_status = o.status AND t.from_status <> o.status
                ORDER BY t.version DESC LIMIT 1) since
            WHERE NOT o.test AND o.created_at < now() - l.longest AND since.created_at < now() - l.longest - {GRACE}
              AND (o.status <> 'shipped' OR EXISTS (
                SELECT FROM orders_shipment p WHERE p.order_id = o.id AND p.status = 'shipped'))
              AND NOT EXISTS (
                SELECT FROM audit_exceptioncase c
                WHERE c.kind = 'stuck' AND c.subject_type = 'orders.order' AND c.subject_id = o.id::text
                  AND (c.over_at IS NULL OR c.over_at > now() - {GRACE}))
        """,  # noqa: S608  numbers and words of our own settings
    ),
    Invariant(
        name="orders.paid",
        when="always",
        says="Only what is paid for, or authorised where the shop captures at shipment, is packed.",
        sql="""
            SELECT number, status, authorized_total, captured_total, total, cancelled_total FROM orders_order o
            WHERE status IN ('packed', 'shipped', 'delivered')
              AND greatest(captured_total, authorized_total) < total - cancelled_total
        """,
    ),
]
