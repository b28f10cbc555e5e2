"""The figures of the trade, read from the orders themselves.

A sale is an order that was paid and not wholly cancelled, dated by when it was placed in the shop's time zone; test
orders are none. What was cancelled of it later is taken out of its total and units. `refunded` is all that went back
for it, cancelled units included; `net` is the money that stayed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from kernel.money import format_amount

GRANULARITIES = ("day", "month", "year")
MAX_PERIODS = 1500
MONEY = frozenset({"total", "refunded", "net", "average", "revenue", "tax", "shipping", "discounts"})

COLUMNS = {
    "sales": [
        "period", "orders", "units", "discounts", "shipping", "tax", "total", "refunded", "net", "average"
    ],
    "average-order-value": ["period", "orders", "total", "average"],
    "top-products": ["sku", "name", "units", "revenue", "orders"],
    "fulfilment": [
        "period", "orders", "shipped", "delivered", "hours_to_ship", "hours_to_ship_p90", "hours_to_deliver"
    ],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """From the first day to the last, both included, in one currency."""

    first: date
    last: date
    currency: str

    def bounds(self) -> tuple[datetime, datetime]:
        zone = ZoneInfo(settings.SHOP_TIME_ZONE)
        start = datetime.combine(self.first, time.min, zone)
        return start, datetime.combine(self.last + timedelta(days=1), time.min, zone)


SALES = """
    WITH sale AS (
        SELECT o.id, date_trunc(%(granularity)s, o.created_at AT TIME ZONE %(zone)s)::date AS period,
               o.total - o.cancelled_total AS total, o.refunded_total AS refunded,
               o.captured_total - o.refunded_total AS net,
               o.tax_total AS tax, o.shipping_total AS shipping, o.discount_total AS discounts
        FROM orders_order o
        WHERE NOT o.test AND o.paid_at IS NOT NULL AND o.status <> 'cancelled'
          AND o.currency = %(currency)s
          AND o.created_at >= %(start)s AND o.created_at < %(end)s),
    units AS (
        SELECT s.period, sum(l.quantity - l.cancelled) AS units
        FROM sale s JOIN orders_orderline l ON l.order_id = s.id GROUP BY s.period),
    sums AS (
        SELECT period, count(*) AS orders, sum(total) AS total, sum(refunded) AS refunded, sum(net) AS net,
               sum(tax) AS tax, sum(shipping) AS shipping, sum(discounts) AS discounts
        FROM sale GROUP BY period),
    periods AS (
        SELECT p::date AS period FROM generate_series(
            date_trunc(%(granularity)s, %(first)s::timestamp), %(last)s::timestamp,
            ('1 ' || %(granularity)s)::interval) p)
    SELECT periods.period, coalesce(orders, 0) AS orders, coalesce(units, 0) AS units,
           coalesce(discounts, 0) AS discounts, coalesce(shipping, 0) AS shipping, coalesce(tax, 0) AS tax,
           coalesce(total, 0) AS total, coalesce(refunded, 0) AS refunded, coalesce(net, 0) AS net,
           coalesce(total / nullif(orders, 0), 0) AS average
    FROM periods LEFT JOIN sums USING (period) LEFT JOIN units USING (period) ORDER BY period
"""

TOP_PRODUCTS = """
    SELECT l.sku, max(l.name) AS name, sum(l.quantity - l.cancelled) AS units,
           sum((l.unit_price * l.quantity - l.discount) * (l.quantity - l.cancelled) / l.quantity) AS revenue,
           count(DISTINCT l.order_id) AS orders
    FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
    WHERE NOT o.test AND o.paid_at IS NOT NULL AND o.status <> 'cancelled'
          AND o.currency = %(currency)s
      AND o.created_at >= %(start)s AND o.created_at < %(end)s
    GROUP BY l.sku HAVING sum(l.quantity - l.cancelled) > 0
    ORDER BY {by} DESC, l.sku LIMIT %(limit)s
"""

FULFILMENT = """
    SELECT date_trunc(%(granularity)s, o.paid_at AT TIME ZONE %(zone)s)::date AS period,
           count(*) AS orders, count(s.shipped_at) AS shipped, count(o.delivered_at) AS delivered,
           round((avg(extract(epoch FROM s.shipped_at - o.paid_at)) / 3600)::numeric, 2) AS hours_to_ship,
           round((percentile_cont(0.9) WITHIN GROUP (
               ORDER BY extract(epoch FROM s.shipped_at - o.paid_at)) / 3600)::numeric, 2) AS hours_to_ship_p90,
           round((avg(extract(epoch FROM o.delivered_at - o.paid_at)) / 3600)::numeric, 2) AS hours_to_deliver
    FROM orders_order o
    LEFT JOIN LATERAL (
        SELECT min(shipped_at) AS shipped_at FROM orders_shipment WHERE order_id = o.id) s ON true
    WHERE NOT o.test AND o.paid_at >= %(start)s AND o.paid_at < %(end)s AND o.currency = %(currency)s
      AND o.status <> 'cancelled'
    GROUP BY 1 ORDER BY 1
"""


def sales(window: Window, granularity: str) -> list[dict[str, Any]]:
    """One row a period, empty ones too: orders, units, amounts as exact strings."""
    return _rows(SALES, window, granularity=granularity)


def average_order_value(window: Window, granularity: str) -> list[dict[str, Any]]:
    """One row a period: orders, total and their quotient, rounded once."""
    wanted = COLUMNS["average-order-value"]
    return [{name: row[name] for name in wanted} for row in sales(window, granularity)]


def top_products(window: Window, by: str, limit: int) -> list[dict[str, Any]]:
    """The best sold, by `units` or by `revenue` (net of discounts, before tax)."""
    statement = TOP_PRODUCTS.format(by={"units": "units", "revenue": "revenue"}[by])
    return _rows(statement, window, limit=limit)


def fulfilment(window: Window, granularity: str) -> list[dict[str, Any]]:
    """How long paid orders took to leave the house and to arrive, by the period in which they were paid."""
    return _rows(FULFILMENT, window, granularity=granularity)


def periods(window: Window, granularity: str) -> int:
    """How many rows a report over the window has at most."""
    days = (window.last - window.first).days + 1
    return {"day": days, "month": days // 28 + 2, "year": days // 365 + 2}[granularity]


def _rows(statement: str, window: Window, **more: Any) -> list[dict[str, Any]]:
    start, end = window.bounds()
    values = {
        "zone": settings.SHOP_TIME_ZONE,
        "currency": window.currency,
        "first": window.first,
        "last": window.last,
        "start": start,
        "end": end,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values | more)
        names = [column.name for column in cursor.description]
        return [_plain(names, row, window.currency) for row in cursor.fetchall()]


def _plain(names: Sequence[str], row: Sequence[Any], currency: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in zip(names, row, strict=True):
        if name in MONEY:
            values[name] = format_amount(value, currency)
        elif isinstance(value, date):
            values[name] = value.isoformat()
        elif name in {"orders", "units", "shipped", "delivered"}:
            values[name] = int(value)
        else:
            values[name] = value if value is None or isinstance(value, str) else str(value)
    return values
