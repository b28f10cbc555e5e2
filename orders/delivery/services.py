"""Shipping zones, methods, and prices by bands come, change and go."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar

from django.db.models import Model

from api.actors import Actor
from audit.verbs import verb
from catalog.discounts.checks import invalid, refuse
from kernel.errors import FieldProblem, NotFound
from kernel.money import CURRENCIES, exponent, is_exact
from orders.models import ShippingBand, ShippingMethod, ShippingRate, ShippingZone
from orders.zones import area_problems, assign_area, row_problems

METHOD = (
    *("code", "name", "position", "active", "cut_off"),
    *("handling_days", "transit_days", "carrier", "carrier_service"),
)
RATE = ("zone", "method", "currency", "basis", "per_item", "per_kilo", "free_over", "transit_days")
AMOUNTS = ("per_item", "per_kilo", "free_over")
MOST_BANDS = 100
Row = TypeVar("Row", bound=Model)
Band = Mapping[str, Any]


@verb
def save_shipping_zone(*, zone_id: int | None, fields: Mapping[str, Any], by: Actor) -> ShippingZone:
    """Enter (`zone_id` None) or change a zone. Raises `NotFound`, `Invalid` naming every field that is wrong."""
    zone = ShippingZone() if zone_id is None else _lock(ShippingZone, zone_id)
    assign_area(zone, fields)
    refuse(list(area_problems(zone)))
    zone.save()
    return zone


@verb
def save_shipping_method(*, method_id: int | None, fields: Mapping[str, Any], by: Actor) -> ShippingMethod:
    """Enter or change a way to send. Raises `NotFound`, `Invalid`."""
    method = ShippingMethod() if method_id is None else _lock(ShippingMethod, method_id)
    for name in METHOD:
        if name in fields:
            setattr(method, name, fields[name])
    refuse(list(row_problems(method)))
    method.save()
    return method


@verb
def save_shipping_rate(*, rate_id: int | None, fields: Mapping[str, Any], by: Actor) -> ShippingRate:
    """Enter or change what a method costs into a zone in one currency; its bands: `set_bands`. Raises as the others."""
    rate = ShippingRate() if rate_id is None else _lock(ShippingRate, rate_id)
    for name in RATE:
        if name in fields:
            setattr(rate, name, fields[name])
    refuse(list(shipping_rate_problems(rate)))
    rate.save()
    return rate


@verb
def set_bands(*, rate_id: int, bands: Sequence[Band], by: Actor) -> list[ShippingBand]:
    """The bands of a rate are these: from `lower` to below `upper` (None: without end) it costs `price`.

    Raises `NotFound`, and `Invalid` for bands that overlap or make no sense.
    """
    rate = _lock(ShippingRate, rate_id)
    refuse(list(band_problems(bands, basis=rate.basis, currency=rate.currency)))
    rate.bands.all().delete()
    return ShippingBand.objects.bulk_create(
        ShippingBand(rate=rate, lower=band["lower"], upper=band["upper"], price=band["price"]) for band in bands
    )


@verb
def delete_shipping_zone(*, zone_id: int, by: Actor) -> None:
    """Take a zone away with its prices; orders keep what they were placed with."""
    _lock(ShippingZone, zone_id).delete()


@verb
def delete_shipping_method(*, method_id: int, by: Actor) -> None:
    """Take a method away with its prices; orders keep its name."""
    _lock(ShippingMethod, method_id).delete()


@verb
def delete_shipping_rate(*, rate_id: int, by: Actor) -> None:
    """The method is no longer offered there in this currency."""
    _lock(ShippingRate, rate_id).delete()


def shipping_rate_problems(rate: ShippingRate) -> Iterator[FieldProblem]:
    """What is wrong with a rate."""
    if rate.currency not in CURRENCIES:
        yield FieldProblem("currency", "unknown", "An ISO 4217 currency code, such as EUR.")
        return
    wrong = [problem for name in AMOUNTS for problem in _amount_problems(name, getattr(rate, name), rate.currency)]
    yield from wrong
    if not wrong:
        yield from row_problems(rate)


def band_problems(bands: Sequence[Band], *, basis: str, currency: str) -> Iterator[FieldProblem]:
    """What is wrong with the bands of one rate, taken together."""
    if len(bands) > MOST_BANDS:
        yield invalid("bands", f"At most {MOST_BANDS} bands.")
    for place, band in enumerate(bands):
        yield from _band_problems(f"bands.{place}", band, basis, currency)
    ordered = sorted(enumerate(bands), key=lambda each: (each[1]["lower"], each[0]))
    for (_, before), (place, after) in pairwise(ordered):
        if before["upper"] is None:
            yield invalid(
                f"bands.{place}.lower", f"{_span(before)} has no end, so {_span(after)} would never be reached."
            )
        elif after["lower"] < before["upper"]:
            yield invalid(f"bands.{place}.lower", f"{_span(before)} and {_span(after)} overlap.")


def gaps(bands: Sequence[Band]) -> list[str]:
    """What no band covers, in words: such baskets are not sent this way."""
    found, reached = [], Decimal(0)
    for band in sorted(bands, key=lambda each: each["lower"]):
        if band["lower"] > reached:
            found.append(f"{_plain(reached)} to {_plain(band['lower'])}")
        if band["upper"] is None:
            return found
        reached = band["upper"]
    return [*found, f"{_plain(reached)} and more"] if bands else found


def _band_problems(field: str, band: Band, basis: str, currency: str) -> Iterator[FieldProblem]:
    lower, upper = band["lower"], band["upper"]
    yield from _amount_problems(f"{field}.price", band["price"], currency)
    if upper is not None and upper <= lower:
        yield invalid(f"{field}.upper", f"A band that begins at {_plain(lower)} ends above it.")
    for name, bound in (("lower", lower), ("upper", upper)):
        if bound is None:
            continue
        if basis == ShippingRate.Basis.SUBTOTAL:
            yield from _amount_problems(f"{field}.{name}", bound, currency)
        elif bound < 0 or bound != bound.to_integral_value():
            yield invalid(f"{field}.{name}", "Whole grams, not below 0.")


def _amount_problems(field: str, amount: Decimal | None, currency: str) -> Iterator[FieldProblem]:
    if amount is None:
        return
    if amount < 0:
        yield FieldProblem(field, "min_value", "An amount is not below 0.")
    elif not is_exact(amount, currency):
        yield FieldProblem(field, "max_decimal_places", f"{currency} has {exponent(currency)} decimal places.")


def _span(band: Band) -> str:
    return f"{_plain(band['lower'])} to {'any' if band['upper'] is None else _plain(band['upper'])}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _lock(model: type[Row], pk: int) -> Row:
    row = model._default_manager.select_for_update().filter(pk=pk).first()
    if row is None:
        raise NotFound(f"There is no such {model._meta.verbose_name}.")
    return row
