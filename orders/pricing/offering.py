"""The terms of one basket: what of the shop's standing terms holds for this buyer, this address and this moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from orders.pricing.area import AreaTerms, most_precise
from orders.pricing.buyer import Buyer
from orders.pricing.shop import Shop
from orders.pricing.terms import Band, Code, Offer, Rate, TaxTerms, Terms
from orders.tax.relief import relief

STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a basket says of itself: where it goes, how, when, in which currency."""

    currency: str
    address: Mapping[str, str] | None
    method: str
    at: datetime


def terms_of(asked: Asked, *, shop: Shop, buyer: Buyer, codes: tuple[Code, ...] = ()) -> Terms:
    """Without an address it is priced as if it stayed in the shop's own country."""
    address = asked.address or {"country": settings.SHOP_COUNTRY}
    return Terms(
        currency=asked.currency,
        at=asked.at,
        rules=shop.rules,
        groups=buyer.groups,
        codes=codes,
        tax=tax_terms(asked, address, shop, buyer),
        offers=offers_for(asked.currency, address, shop),
        method=asked.method,
    )


def tax_terms(asked: Asked, address: Mapping[str, str], shop: Shop, buyer: Buyer) -> TaxTerms:
    """The rates of the zone; an address that lies in none pays the one flat rate of the settings on goods."""
    included = shop.includes_tax.get(asked.currency, settings.SHOP_PRICES_INCLUDE_TAX)
    zones = {found.area.code: found for found in shop.tax_areas}
    area = most_precise((found.area for found in shop.tax_areas), address)
    zone = zones[area.code] if area else None
    because = relief(
        buyer.exemptions,
        country=address.get("country", ""),
        on=asked.at.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE)).date(),
        shop_country=settings.SHOP_COUNTRY,
        reverse_charge=zone.reverse_charge if zone else False,
    )
    if zone is None:
        return TaxTerms(default=Rate("flat_rate", settings.SHOP_TAX_RATE), included=included, relief=because)
    return TaxTerms(
        rates=zone.rates,
        shipping_class=zone.shipping_class,
        included=included,
        zone=zone.area.code,
        relief=because,
    )


def offers_for(currency: str, address: Mapping[str, str], shop: Shop) -> tuple[Offer, ...]:
    """Each method once, by the most precise zone it has a price for there. Without any method, the built-in one."""
    if not shop.methods:
        return (built_in(),)
    best: dict[str, tuple[AreaTerms, Offer]] = {}
    for priced in shop.offers:
        if priced.currency != currency or not priced.area.holds(address):
            continue
        known = best.get(priced.offer.code)
        if known is None or priced.area.rank < known[0].rank:
            best[priced.offer.code] = priced.area, priced.offer
    return tuple(offer for _, offer in best.values())


def built_in() -> Offer:
    """One flat price for the whole world, for a shop that has set up no method."""
    return Offer(STANDARD, "Standard delivery", bands=(Band(Decimal(0), None, settings.SHOP_SHIPPING_PRICE),))
