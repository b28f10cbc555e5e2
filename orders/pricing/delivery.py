"""What is promised of a delivery: one flat method, counted in working days of the shop."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from kernel.money import quantize
from orders.pricing.basket import STANDARD, terms_for

WORKDAYS_TO_SHIP = 1
WORKDAYS_TO_DELIVER = 4
FRIDAY = 4


@dataclass(frozen=True, slots=True)
class ShippingOption:
    """A way to send a basket: `price` in major units of the currency, dates in the shop's time zone."""

    code: str
    name: str
    price: Decimal
    currency: str
    ship_by: date
    deliver_by: date


def shipping_options(currency: str, at: datetime) -> list[ShippingOption]:
    """The ways to send a basket ordered at this instant."""
    today = at.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE)).date()
    return [
        ShippingOption(
            code=STANDARD,
            name="Standard delivery",
            price=quantize(terms_for(currency).shipping_price, currency),
            currency=currency,
            ship_by=after_workdays(today, WORKDAYS_TO_SHIP),
            deliver_by=after_workdays(today, WORKDAYS_TO_DELIVER),
        )
    ]


def after_workdays(day: date, workdays: int) -> date:
    """The day that lies this many working days (Monday to Friday) later."""
    while workdays:
        day += timedelta(days=1)
        workdays -= day.weekday() <= FRIDAY
    return day
