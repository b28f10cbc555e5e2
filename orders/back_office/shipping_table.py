"""Shipping prices as they are drawn: bands from top to bottom, and zones against methods."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from kernel.money import ZERO
from orders.back_office.display import money
from orders.delivery.services import BandFields
from orders.delivery.words import WEIGHT, gap_words, gaps, promise_words, promised, surcharge_words
from orders.models import ShippingMethod, ShippingRate, ShippingZone

MOST_ZONES = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One band, or (without a price) what no band holds."""

    lower: str
    upper: str
    price: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a method costs in a zone, in each currency: text and the page of the price; `add` leads to a new one."""

    prices: list[tuple[str, str]] = field(default_factory=list)
    add: str = ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Zones from top to bottom, methods from left to right."""

    methods: list[ShippingMethod]
    rows: list[tuple[ShippingZone, list[Cell]]]
    is_cut: bool = False


def bands_of(rate: ShippingRate) -> list[BandFields]:
    return [{"lower": band.lower, "upper": band.upper, "price": band.price} for band in rate.bands.all()]


def drawn(rate: ShippingRate) -> list[Row]:
    """The bands by size, with what lies between them."""
    bands = bands_of(rate)
    every = [(band["lower"], band["upper"], money(band["price"], rate.currency)) for band in bands]
    every += [(lower, upper, "") for lower, upper in gaps(bands)]
    return [
        Row(bound(lower, rate), bound(upper, rate), price)
        for lower, upper, price in sorted(every, key=lambda each: each[0])
    ]


def bound(value: Decimal | None, rate: ShippingRate) -> str:
    if value is None:
        return ""
    return f"{int(value):,}\N{NO-BREAK SPACE}g" if rate.basis == WEIGHT else money(value, rate.currency)


def notes(rate: ShippingRate) -> list[str]:
    """What the bands alone do not say, in sentences."""
    bands, found = bands_of(rate), []
    surcharges = surcharge_words(rate.per_item, rate.per_kilo, rate.currency)
    if not bands:
        nothing = f"for {money(ZERO, rate.currency)}"
        found.append(f"Without bands every basket is sent, {f'{nothing} {surcharges}' if surcharges else nothing}.")
    elif surcharges:
        found.append(f"{surcharges[0].upper()}{surcharges[1:]}.")
    if rate.free_over is not None:
        found.append(f"Goods worth {money(rate.free_over, rate.currency)} or more are sent for nothing.")
    found += gap_sentences(rate)
    return [*found, promise_of(rate.method, rate.transit_days)]


def gap_sentences(rate: ShippingRate) -> list[str]:
    """What is not sent this way for want of a band."""
    return [gap_words(gap, basis=rate.basis, currency=rate.currency) for gap in gaps(bands_of(rate))]


def promise_of(method: ShippingMethod, transit_days: int | None = None) -> str:
    """What an order of this moment would be promised."""
    travels = method.transit_days if transit_days is None else transit_days
    return promise_words(
        promised(timezone.now(), cut_off=method.cut_off, handling_days=method.handling_days, transit_days=travels)
    )


def lowest(rate: ShippingRate) -> str:
    """`from 4.90 EUR`, with what makes it free."""
    prices = [band["price"] for band in bands_of(rate)]
    least = money(min(prices, default=ZERO), rate.currency)
    is_fixed = len(set(prices)) < 2 and not (rate.per_item or rate.per_kilo)
    free = f", free from {money(rate.free_over, rate.currency)}" if rate.free_over is not None else ""
    return f"{least if is_fixed else f'from {least}'}{free}"


def priced() -> QuerySet[ShippingRate]:
    """Prices with all that is drawn of them."""
    return ShippingRate.objects.select_related("zone", "method").prefetch_related("bands")


def matrix(
    *, zones: Iterable[ShippingZone] | None = None, methods: Iterable[ShippingMethod] | None = None, may_add: bool
) -> Matrix:
    """All zones and methods, or those that are given. Reads each table once."""
    rows = list(ShippingZone.objects.all()[: MOST_ZONES + 1] if zones is None else zones)
    columns = list(ShippingMethod.objects.all() if methods is None else methods)
    shown = rows[:MOST_ZONES]
    cells = {
        (zone.pk, method.pk): Cell(add=_add(zone, method) if may_add else "") for zone in shown for method in columns
    }
    for rate in priced().filter(zone__in=shown, method__in=columns):
        cells[rate.zone_id, rate.method_id].prices.append((lowest(rate), page_of(rate)))
    drawn_rows = [(zone, [cells[zone.pk, method.pk] for method in columns]) for zone in shown]
    return Matrix(columns, drawn_rows, is_cut=len(rows) > MOST_ZONES)


def page_of(row: ShippingRate | ShippingZone | ShippingMethod) -> str:
    return reverse(f"admin:orders_{row._meta.model_name}_change", args=(row.pk,))


def _add(zone: ShippingZone, method: ShippingMethod) -> str:
    return f"{reverse('admin:orders_shippingrate_add')}?zone={zone.pk}&method={method.pk}"
