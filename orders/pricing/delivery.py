"""The ways to send a basket, with what is promised of each in the shop's working days."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from orders.delivery.promise import Promise, end_of
from orders.delivery.words import promised
from orders.models import ShippingCharge
from orders.pricing.quote import before_tax
from orders.pricing.shipping import options
from orders.pricing.terms import Item, Offer, Terms


@dataclass(frozen=True, slots=True)
class ShippingOption:
    """A way to send a basket: `price` in major units of the currency, dates in the shop's time zone."""

    code: str
    name: str
    price: Decimal
    currency: str
    ship_by: date
    deliver_by: date


def shipping_options(items: list[Item], terms: Terms) -> list[ShippingOption]:
    """The ways to send this basket, priced after its discounts."""
    found = []
    for offer, price in options(before_tax(items, terms).ledger, terms):
        days = promise_of(offer, terms.at)
        found.append(ShippingOption(offer.code, offer.name, price, terms.currency, days.ship_by, days.deliver_by))
    return found


def promise_of(offer: Offer | ShippingCharge, at: datetime) -> Promise:
    """What an offer, or what was charged for it, promises of an order of this instant."""
    return promised(at, cut_off=offer.cut_off, handling_days=offer.handling_days, transit_days=offer.transit_days)


def ship_by_instant(found: Promise) -> datetime:
    """The end of the day on which it leaves."""
    return end_of(found.ship_by, ZoneInfo(settings.SHOP_TIME_ZONE))


def start_of(day: date) -> datetime:
    """When a day of the shop begins."""
    return datetime.combine(day, time.min, ZoneInfo(settings.SHOP_TIME_ZONE))
