"""Zones, methods and prices of shipping come, change and go. Orders that were placed keep what they were promised."""

from collections.abc import Mapping, Sequence
from datetime import time
from decimal import Decimal
from typing import Any, TypedDict, TypeVar

from django.db import IntegrityError, models

from api.actors import Actor
from api.transactions import constraint_name
from audit.verbs import verb
from catalog.discounts.checks import refuse
from kernel.errors import Invalid, NotFound
from orders.delivery.checks import band_problems, method_problems, rate_problems, taken
from orders.models import ShippingBand, ShippingMethod, ShippingRate, ShippingZone
from orders.zones import area_problems, assign_area

Row = TypeVar("Row", bound=models.Model)


class ZoneFields(TypedDict, total=False):
    """`countries` are ISO 3166-1 alpha-2, patterns of postal codes as `orders.models.area.Area` says."""

    code: str
    name: str
    countries: Sequence[str]
    regions: Sequence[str]
    postcodes: Sequence[str]
    excluded_postcodes: Sequence[str]
    priority: int
    active: bool


class MethodFields(TypedDict, total=False):
    """`cut_off` is time of the shop, days are working days."""

    code: str
    name: str
    position: int
    active: bool
    cut_off: time | None
    handling_days: int
    transit_days: int
    carrier: str
    carrier_service: str


class RateFields(TypedDict, total=False):
    """`zone` and `method` are codes, amounts major units of the currency."""

    zone: str
    method: str
    currency: str
    basis: str
    per_item: Decimal
    per_kilo: Decimal
    free_over: Decimal | None
    transit_days: int | None


class BandFields(TypedDict, total=False):
    """From `lower` to below `upper` (None: without end), in grams or in the rate's currency, it costs `price`."""

    lower: Decimal
    upper: Decimal | None
    price: Decimal


@verb
def save_shipping_zone(*, zone_id: int | None, fields: ZoneFields, by: Actor) -> ShippingZone:
    """Enter a zone, or change what is given of one. Raises `NotFound`, `Invalid`."""
    zone = ShippingZone() if zone_id is None else _lock(ShippingZone, zone_id, "zone")
    assign_area(zone, fields)
    refuse(list(area_problems(zone)))
    return _save(zone)


@verb
def delete_shipping_zone(*, zone_id: int, by: Actor) -> None:
    """Take a zone away, with all prices into it. Raises `NotFound`."""
    _lock(ShippingZone, zone_id, "zone").delete()


@verb
def save_shipping_method(*, method_id: int | None, fields: MethodFields, by: Actor) -> ShippingMethod:
    """Enter a way to send, or change what is given of one. Raises `NotFound`, `Invalid`."""
    method = ShippingMethod() if method_id is None else _lock(ShippingMethod, method_id, "method")
    assign_method(method, fields)
    refuse(list(method_problems(method)))
    return _save(method)


@verb
def delete_shipping_method(*, method_id: int, by: Actor) -> None:
    """Take a way to send away, with all its prices. Raises `NotFound`."""
    _lock(ShippingMethod, method_id, "method").delete()


@verb
def save_shipping_rate(
    *, rate_id: int | None, fields: RateFields, bands: Sequence[BandFields] | None = None, by: Actor
) -> ShippingRate:
    """Enter what a method costs into a zone in a currency, or change what is given of it.

    `bands` are all of them; None leaves those there are. Raises `NotFound`, `Invalid`.
    """
    rate = _rate(rate_id, fields)
    assign_rate(rate, fields)
    wanted = _stored(rate) if bands is None else bands
    bands_say = band_problems(wanted, basis=rate.basis, currency=rate.currency)
    refuse([*rate_problems(rate), *bands_say])
    _save(rate)
    if bands is not None:
        _write_bands(rate, bands)
    return rate


@verb
def delete_shipping_rate(*, rate_id: int, by: Actor) -> None:
    """Take a price away: there the method is offered at the price of a wider zone, or not at all. Raises `NotFound`."""
    _lock(ShippingRate, rate_id, "price").delete()


def assign_method(method: ShippingMethod, fields: MethodFields) -> None:
    """Put what is given into a method."""
    _assign(method, fields)
    method.name = method.name.strip()
    method.carrier, method.carrier_service = method.carrier.strip(), method.carrier_service.strip()


def assign_rate(rate: ShippingRate, fields: RateFields) -> None:
    """Put what is given into a price, but for its zone and its method."""
    _assign(rate, {name: value for name, value in fields.items() if name not in {"zone", "method"}})


def _assign(row: models.Model, fields: Mapping[str, Any]) -> None:
    known = {field.name for field in row._meta.fields} - {"id"}
    for name, value in fields.items():
        if name not in known:
            raise TypeError(f"{name}: no field of a {row._meta.verbose_name}.")
        setattr(row, name, value)


def _lock(model: type[Row], pk: int, what: str) -> Row:
    row = model._default_manager.select_for_update().filter(pk=pk).first()
    if row is None:
        raise NotFound(f"There is no such shipping {what}.")
    return row


def _rate(rate_id: int | None, fields: RateFields) -> ShippingRate:
    """The price, locked after its zone and its method, as whoever deletes one of these locks them."""
    known = ShippingRate.objects.filter(pk=rate_id).select_related("zone", "method").first() if rate_id else None
    if rate_id is not None and known is None:
        raise NotFound("There is no such shipping price.")
    zone = _named(ShippingZone, fields.get("zone", known.zone.code if known else ""), "zone")
    method = _named(ShippingMethod, fields.get("method", known.method.code if known else ""), "method")
    rate = ShippingRate() if rate_id is None else _lock(ShippingRate, rate_id, "price")
    rate.zone, rate.method = zone, method
    return rate


def _named(model: type[Row], code: str, what: str) -> Row:
    row = model._default_manager.select_for_update(no_key=True).filter(code=code).first()
    if row is None:
        raise Invalid(f"There is no shipping {what} {code}.".replace("  ", " "), field=what)
    return row


def _save(row: Row) -> Row:
    try:
        row.save()
    except IntegrityError as error:  # somebody was faster
        name = constraint_name(error)
        if name == f"{row._meta.db_table}_code_key":
            raise Invalid(f"There is a {row._meta.verbose_name} with this code.", field="code") from error
        if name == "shipping_rate_once" and isinstance(row, ShippingRate):
            problem = taken(row.currency)
            raise Invalid(problem.detail, problems=[problem]) from error
        raise
    return row


def _stored(rate: ShippingRate) -> Sequence[BandFields]:
    if rate.pk is None:
        return []
    return [{"lower": band.lower, "upper": band.upper, "price": band.price} for band in rate.bands.all()]


def _write_bands(rate: ShippingRate, bands: Sequence[BandFields]) -> None:
    """Only what is different, so that the history tells what was changed."""
    there = {band.lower: band for band in rate.bands.all()}
    wanted = {band["lower"]: band for band in bands}
    rate.bands.filter(lower__in=there.keys() - wanted.keys()).delete()
    for lower, band in wanted.items():
        row = there.get(lower) or ShippingBand(rate=rate, lower=lower)
        upper, price = band.get("upper"), band["price"]
        if row.pk is None or (row.upper, row.price) != (upper, price):
            row.upper, row.price = upper, price
            row.save()
