"""The numbers of the first page. A sale is an order that was paid, dated by when it was placed in the shop's zone,
at its total less what was cancelled; in the shop's own currency.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

DAYS = 30

# Today until now beside the same weekday last week until the same time.
# In both statements with lines, each order's are looked up: joined, they would all be read, of every order there is.
TODAY = """
    SELECT o.created_at >= %(today)s AS now, count(*), sum(o.total - o.cancelled_total), sum(l.units)
    FROM orders_order o
    CROSS JOIN LATERAL (
        SELECT sum(quantity - cancelled) AS units FROM orders_orderline WHERE order_id = o.id) l
    WHERE NOT o.test AND o.paid_at IS NOT NULL AND o.currency = %(currency)s
      AND (o.created_at >= %(today)s OR o.created_at >= %(then)s AND o.created_at < %(until)s)
    GROUP BY 1
"""
CURVE = """
    SELECT (o.created_at AT TIME ZONE %(zone)s)::date AS day, count(*), sum(o.total - o.cancelled_total)
    FROM orders_order o
    WHERE NOT o.test AND o.paid_at IS NOT NULL AND o.currency = %(currency)s AND o.created_at >= %(first)s
    GROUP BY 1
"""
BEST = """
    SELECT l.product_id, max(l.sku), max(l.name), sum(l.quantity - l.cancelled) AS units,
           sum(l.total * (l.quantity - l.cancelled) / l.quantity) AS revenue
    FROM orders_order o
    CROSS JOIN LATERAL (SELECT * FROM orders_orderline WHERE order_id = o.id OFFSET 0) l
    WHERE NOT o.test AND o.paid_at IS NOT NULL AND o.currency = %(currency)s AND o.created_at >= %(week)s
    GROUP BY l.product_id HAVING sum(l.quantity - l.cancelled) > 0
    ORDER BY revenue DESC, l.product_id LIMIT 6
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of today and the one it is compared with."""

    title: str
    now: Decimal
    then: Decimal
    is_money: bool = False

    @property
    def change(self) -> int | None:
        """In percent, rounded; None when there was nothing to compare with."""
        return round((self.now - self.then) / self.then * 100) if self.then else None


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the curve."""

    on: date
    orders: int
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class Best:
    """A product that sells."""

    product_id: int
    sku: str
    name: str
    units: int
    revenue: Decimal


def _moments(now: datetime) -> dict[str, Any]:
    """The beginnings the statements ask for, each at midnight of the shop."""
    zone = ZoneInfo(settings.SHOP_TIME_ZONE)
    local = now.astimezone(zone)

    def midnight(days_ago: int) -> datetime:
        return datetime.combine(local.date() - timedelta(days=days_ago), time.min, zone)

    return {
        "today": midnight(0),
        "then": midnight(7),
        "until": datetime.combine(local.date() - timedelta(days=7), local.time(), zone),
        "week": midnight(6),
        "first": midnight(DAYS - 1),
        "zone": settings.SHOP_TIME_ZONE,
        "currency": settings.SHOP_CURRENCY,
    }


def _rows(statement: str, now: datetime) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, _moments(now))
        return cursor.fetchall()


def today(now: datetime) -> list[Figure]:
    """Orders, revenue, average order and units of today, beside last week's."""
    nothing = (0, Decimal(0), 0)
    found = {row[0]: row[1:] for row in _rows(TODAY, now)}
    (orders, revenue, units), (orders_then, revenue_then, units_then) = (
        found.get(key, nothing) for key in (True, False)
    )
    return [
        Figure("Orders", Decimal(orders), Decimal(orders_then)),
        Figure("Revenue", revenue, revenue_then, is_money=True),
        Figure("Average order", _average(revenue, orders), _average(revenue_then, orders_then), is_money=True),
        Figure("Units", Decimal(units), Decimal(units_then)),
    ]


def _average(revenue: Decimal, orders: int) -> Decimal:
    return revenue / orders if orders else Decimal(0)


def curve(now: datetime) -> list[Day]:
    """The last thirty days, today included, the empty ones too."""
    found = {row[0]: row for row in _rows(CURVE, now)}
    last = _moments(now)["today"].date()
    days = [last - timedelta(days=ago) for ago in reversed(range(DAYS))]
    return [Day(day, found[day][1], found[day][2]) if day in found else Day(day, 0, Decimal(0)) for day in days]


def best_sellers(now: datetime) -> list[Best]:
    """What brought most in the last seven days."""
    return [Best(*row) for row in _rows(BEST, now)]
