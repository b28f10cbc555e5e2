"""What sending costs in the demo shop."""

from datetime import time
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from config.demo.trade import BY
from kernel.money import quantize
from orders.delivery.services import (
    BandFields,
    MethodFields,
    RateFields,
    ZoneFields,
    save_shipping_method,
    save_shipping_rate,
    save_shipping_zone,
)
from orders.models import ShippingMethod, ShippingZone
from orders.pricing.offering import STANDARD

ZONES: list[ZoneFields] = [
    {"code": "world", "name": "All the world"},
    {"code": "near", "name": "Germany, Austria and France", "countries": ["AT", "DE", "FR"]},
]
METHODS: list[MethodFields] = [
    {"code": STANDARD, "name": "Standard delivery", "position": 1, "handling_days": 1, "transit_days": 3},
    {
        "code": "express",
        "name": "Express delivery",
        "position": 2,
        "cut_off": time(14),
        "handling_days": 0,
        "transit_days": 1,
    },
]
# Grams from and to below, and the price: dearer than the standard one for every parcel.
EXPRESS = [(0, 2000, "9.90"), (2000, 10_000, "14.90"), (10_000, 31_500, "24.90")]


@transaction.atomic
def shipping() -> None:
    """Two ways to send, unless the shop has one: to everywhere at the price of the settings, and fast to near."""
    if ShippingMethod.objects.exists():
        return
    for zone in ZONES:
        if not ShippingZone.objects.filter(code=zone["code"]).exists():
            save_shipping_zone(zone_id=None, fields=zone, by=BY)
    for method in METHODS:
        save_shipping_method(method_id=None, fields=method, by=BY)
    flat: list[BandFields] = [{"lower": Decimal(0), "upper": None, "price": amount(settings.SHOP_SHIPPING_PRICE)}]
    price("world", STANDARD, flat)
    price("near", "express", [band(*each) for each in EXPRESS])


def price(zone: str, method: str, bands: list[BandFields]) -> None:
    fields: RateFields = {"zone": zone, "method": method, "currency": settings.SHOP_CURRENCY}
    save_shipping_rate(rate_id=None, fields=fields, bands=bands, by=BY)


def band(lower: int, upper: int, asked: str) -> BandFields:
    return {"lower": Decimal(lower), "upper": Decimal(upper), "price": amount(Decimal(asked))}


def amount(of: Decimal) -> Decimal:
    return quantize(of, settings.SHOP_CURRENCY)
