"""Shipping prices and promises as people read them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from kernel.money import ZERO, format_amount
from orders.delivery.promise import Promise, promise

Gap = tuple[Decimal, Decimal | None]
WEIGHT = "weight"


def number(value: Decimal) -> str:
    """Without trailing zeros: 2000, 2.5."""
    return f"{value.normalize() + ZERO:f}"


def span(lower: Decimal, upper: Decimal | None) -> str:
    """`0 to 2000`, or `from 2000`."""
    return f"from {number(lower)}" if upper is None else f"{number(lower)} to {number(upper)}"


def gaps(bands: Iterable[Mapping[str, Any]]) -> list[Gap]:
    """What lies in no band, from 0 upwards: baskets there are not sent this way. Of no bands: nothing, since then
    there is no condition.
    """
    found: list[Gap] = []
    reached: Decimal | None = ZERO
    for band in sorted(bands, key=lambda each: each["lower"]):
        if reached is not None and band["lower"] > reached:
            found.append((reached, band["lower"]))
        reached = band.get("upper")
    if reached is not None and reached > 0:
        found.append((reached, None))
    return found


def measure(value: Decimal, *, basis: str, currency: str) -> str:
    """`2,000 g`, `50.00 EUR`."""
    if basis == WEIGHT:
        return f"{int(value):,} g"
    return f"{format_amount(value, currency)} {currency}"


def gap_words(gap: Gap, *, basis: str, currency: str) -> str:
    """What is not sent, as a sentence."""
    what = "weighs" if basis == WEIGHT else "is worth"
    lower, upper = (end if end is None else measure(end, basis=basis, currency=currency) for end in gap)
    if upper is None:
        return f"What {what} {lower} or more is not sent this way."
    if not gap[0]:
        return f"What {what} less than {upper} is not sent this way."
    return f"What {what} {lower} to below {upper} is not sent this way."


def surcharge_words(per_item: Decimal, per_kilo: Decimal, currency: str) -> str:
    """`plus 0.50 EUR for each unit and 1.00 EUR for each kilogram`; empty without any."""
    each = {"unit": per_item, "kilogram": per_kilo}
    said = [f"{measure(asked, basis='', currency=currency)} for each {what}" for what, asked in each.items() if asked]
    return f"plus {' and '.join(said)}" if said else ""


def promised(at: datetime, *, cut_off: time | None, handling_days: int, transit_days: int) -> Promise:
    """`promise` by the shop's calendar."""
    return promise(
        at,
        cut_off=cut_off,
        handling_days=handling_days,
        transit_days=transit_days,
        closed=settings.SHOP_CLOSED_DAYS,
        zone=ZoneInfo(settings.SHOP_TIME_ZONE),
    )


def promise_words(found: Promise) -> str:
    """`Ordered now: leaves Mon 30 Nov, arrives Thu 3 Dec.`"""
    return f"Ordered now: leaves {day(found.ship_by)}, arrives {day(found.deliver_by)}."


def day(when: date) -> str:
    return f"{when:%a %-d %b}"
