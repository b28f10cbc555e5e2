"""What is promised of a delivery, counted in working days of the shop."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from orders.pricing.quote import before_tax
from orders.pricing.shipping import options
from orders.pricing.terms import Item, Offer, Terms

SATURDAY = 5
LAST_MOMENT = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Promise:
    """When it leaves and when it is there at the latest: days in the shop's time zone."""

    ship_by: date
    deliver_by: date

    @property
    def ship_by_instant(self) -> datetime:
        """The end of the day on which it leaves."""
        return datetime.combine(self.ship_by, LAST_MOMENT, ZoneInfo(settings.SHOP_TIME_ZONE))


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
        promised = promise_of(offer, terms.at)
        found.append(
            ShippingOption(offer.code, offer.name, price, terms.currency, promised.ship_by, promised.deliver_by)
        )
    return found


def promise_of(offer: Offer, at: datetime) -> Promise:
    """What the offer promises for an order of this instant."""
    return promise(at, cut_off=offer.cut_off, handling=offer.handling_days, transit=offer.transit_days)


def promise(at: datetime, *, cut_off: time | None, handling: int, transit: int) -> Promise:
    """From an instant to the promised days. What comes after the cut-off, or on a day off, counts as of the next
    working day; it leaves `handling` working days after that one and travels `transit` more.
    """
    local = at.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE))
    day = local.date()
    is_late = cut_off is not None and local.time() > cut_off
    if is_late or not is_workday(day):
        day = after_workdays(day, 1)
    ship_by = after_workdays(day, handling)
    return Promise(ship_by, after_workdays(ship_by, transit))


def is_workday(day: date) -> bool:
    """Monday to Friday, but for the days on which the shop is closed."""
    return day.weekday() < SATURDAY and day not in settings.SHOP_CLOSED_DAYS


def after_workdays(day: date, workdays: int) -> date:
    """The day that lies this many working days later."""
    while workdays:
        day += timedelta(days=1)
        workdays -= is_workday(day)
    return day
