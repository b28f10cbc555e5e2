"""Zones, methods and prices of shipping for tests."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from orders.delivery.services import BandFields, save_shipping_method, save_shipping_rate, save_shipping_zone
from orders.models import ShippingMethod, ShippingRate, ShippingZone
from orders.tests.factories import TESTS


def zone(code: str = "world", **fields: Any) -> ShippingZone:
    return save_shipping_zone(zone_id=None, fields={"code": code, "name": code.title(), **fields}, by=TESTS)


def method(code: str = "standard", **fields: Any) -> ShippingMethod:
    return save_shipping_method(method_id=None, fields={"code": code, "name": code.title(), **fields}, by=TESTS)


def bands(*rows: tuple[str, str | None, str]) -> list[BandFields]:
    """From (lower, upper, price); no upper is without end."""
    return [
        {"lower": Decimal(lower), "upper": upper and Decimal(upper), "price": Decimal(price)}
        for lower, upper, price in rows
    ]


FLAT = (("0", None, "5.00"),)


def rate(*rows: tuple[str, str | None, str], **fields: Any) -> ShippingRate:
    """A price of the only method into the only zone; one flat band unless some are given."""
    given = {"zone": "world", "method": "standard", "currency": "EUR"} | fields
    return save_shipping_rate(rate_id=None, fields=given, bands=bands(*(rows or FLAT)), by=TESTS)


def stored(row: ShippingRate) -> Sequence[tuple[str, str | None, str]]:
    found = row.bands.order_by("lower")
    return [
        (f"{band.lower:.2f}", None if band.upper is None else f"{band.upper:.2f}", f"{band.price:.2f}")
        for band in found
    ]
