"""How facts look in the back office: amounts with their currency, times as people say them, statuses as words."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_countries import countries

from audit.admin import pills
from kernel.money import format_amount

# Colours of the words for statuses, by value; others are plain.
TONES = {
    **dict.fromkeys(("pending", "unpaid", "partially_paid", "requested", "held", "opened"), "wait"),
    **dict.fromkeys(("paid", "packed", "approved", "authorized", "committed", "partially_packed"), "go"),
    **dict.fromkeys(("shipped", "partially_shipped", "partially_delivered"), "move"),
    **dict.fromkeys(("delivered", "received", "captured", "succeeded", "done", "sent", "new"), "good"),
    **dict.fromkeys(("failed", "lost", "rejected", "parked", "late", "damaged", "fraud"), "bad"),
}
STEPS = (
    (timedelta(minutes=1), "min", timedelta(hours=1)),
    (timedelta(hours=1), "h", timedelta(days=2)),
    (timedelta(days=1), "days", timedelta(days=31)),
)


def money(amount: Decimal | None, currency: str) -> str:
    """`"1,219.99 EUR"`."""
    if amount is None:
        return ""
    whole, dot, decimals = format_amount(amount, currency).partition(".")
    sign, digits = ("−", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{dot}{decimals}\N{NO-BREAK SPACE}{currency}"


def words(value: str) -> str:
    """A stored value as words: `partially_paid` is "Partially paid"."""
    return value.replace("_", " ").capitalize()


def pill(value: str, text: str = "", tone: str = "") -> SafeString:
    """A status as a coloured word."""
    return pills.pill(text or words(value), tone or TONES.get(value, "plain"))


def payment_pill(value: str) -> SafeString:
    """On this axis "paid" is all one can wish for."""
    return pill(value, tone="good" if value == "paid" else "")


def shop_time(when: datetime) -> datetime:
    return when.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE))


def exact(when: datetime) -> str:
    """To the minute, in the shop's time zone: `Sun 22 Nov 2026, 19:31 CET`."""
    return f"{shop_time(when):%a %-d %b %Y, %H:%M %Z}"


def relative(when: datetime, now: datetime | None = None) -> str:
    """`5 min ago`, `in 3 h`, `2 days ago`; beyond a month the date."""
    now = now or timezone.now()
    distance = abs(now - when)
    if distance < timedelta(minutes=1):
        return "just now"
    for unit, name, end in STEPS:
        if distance < end:
            count = distance // unit
            said = "1 day" if (name, count) == ("days", 1) else f"{count} {name}"
            return f"in {said}" if when > now else f"{said} ago"
    return f"{shop_time(when):%-d %b %Y}"


def ago(when: datetime | None) -> SafeString:
    """The time as people say it, with the exact one on hover."""
    if when is None:
        return SafeString("")
    return format_html(
        '<time class="wb-time" datetime="{}" title="{}">{}</time>', when.isoformat(), exact(when), relative(when)
    )


def promise(ship_by: datetime | None, *, kept: bool) -> SafeString:
    """By when it is to be shipped; late ones marked, unless it has been."""
    if ship_by is None:
        return SafeString('<span class="wb-subtle">–</span>')
    if kept or ship_by > timezone.now():
        return ago(ship_by)
    late = relative(ship_by).removesuffix(" ago")
    return format_html(
        '<span class="wb-late" title="{}">'
        '<span class="material-symbols-outlined" aria-hidden="true">schedule</span>{} late</span>',
        exact(ship_by),
        late,
    )


def country(code: str) -> str:
    """The name of an ISO 3166-1 alpha-2 code."""
    return countries.name(code) or code


def options(given: Any) -> str:
    """What tells a variant apart, as words: `colour: blue · size: L`."""
    return " · ".join(f"{name}: {value}" for name, value in given.items()) if isinstance(given, dict) else ""
