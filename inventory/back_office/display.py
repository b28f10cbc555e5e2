"""How stock looks in the back office."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from inventory.models import StockLevel

SHORT, OUT, LOW, FINE = "short", "out", "low", "in stock"
NOTHING = mark_safe("&ndash;")


def availability(level: StockLevel) -> str:
    """`short` (more is promised than lies there), `out`, `low` or `in stock`."""
    if level.reserved > level.on_hand:
        return SHORT
    if level.available == 0:
        return OUT
    point = settings.SHOP_REORDER_POINT if level.reorder_point is None else level.reorder_point
    return LOW if level.available <= point else FINE


def when(at: datetime | None) -> SafeString:
    """How long ago, with the exact time of the shop's zone on hover."""
    if at is None:
        return NOTHING
    exact = at.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE)).strftime("%d %b %Y %H:%M:%S %Z")
    return format_html(
        '<time class="whitespace-nowrap" datetime="{}" title="{}">{}</time>', at.isoformat(), exact, naturaltime(at)
    )


def unbroken(text: str) -> SafeString:
    """On one line, however narrow the column."""
    return format_html('<span class="whitespace-nowrap">{}</span>', text)


def signed(number: int) -> SafeString:
    """A difference with its sign."""
    return unbroken(f"{number:+d}".replace("-", "\N{MINUS SIGN}"))


def order_link(order_id: int, number: str = "") -> SafeString:
    """To the order's page, which belongs to an app above this one."""
    try:
        page = reverse("admin:orders_order_change", args=(order_id,))
    except NoReverseMatch:
        return format_html("{}", number or order_id)
    return format_html(
        '<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>', page, number or f"order {order_id}"
    )
