"""The terms of one basket: what of the shop's standing terms holds for this buyer, this address and this moment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from orders.delivery.asking import Rates, ask_ahead, asks_carriers, cached_rates, live_price, parcel_to
from orders.pricing.area import most_precise
from orders.pricing.buyer import Buyer
from orders.pricing.shop import PricedOffer, Shop
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


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in the parcel: grams, and what it is worth before discounts. `ask`: carriers may be asked now."""

    grams: int
    value: Decimal
    ask: bool


def terms_of(
    asked: Asked, *, shop: Shop, buyer: Buyer, codes: tuple[Code, ...] = (), parcel: Contents | None = None
) -> Terms:
    """Without an address it is priced as if it stayed in the shop's own country."""
    address = address_of(asked)
    return Terms(
        currency=asked.currency,
        at=asked.at,
        rules=shop.rules,
        groups=buyer.groups,
        codes=codes,
        tax=tax_terms(asked, address, shop, buyer),
        offers=_offers(asked, address, shop, parcel),
        method=asked.method,
    )


def address_of(asked: Asked) -> Mapping[str, str]:
    return asked.address or {"country": settings.SHOP_COUNTRY}


def _offers(asked: Asked, address: Mapping[str, str], shop: Shop, contents: Contents | None) -> tuple[Offer, ...]:
    """Without any method, the built-in one."""
    if not shop.methods:
        return (built_in(),)
    priced = offers_for(asked.currency, address, shop)
    rates: Rates | None = None
    if contents is not None and asks_carriers() and any(each.carrier for each in priced):
        parcel = parcel_to(address, weight_grams=contents.grams, currency=asked.currency, value=contents.value)
        may_ask = contents.ask and not connection.in_atomic_block
        rates = ask_ahead(parcel) if may_ask else cached_rates(parcel)
    return with_live_prices(priced, rates)


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


def offers_for(currency: str, address: Mapping[str, str], shop: Shop) -> tuple[PricedOffer, ...]:
    """Each method once, by the most precise zone it has a price for there."""
    best: dict[str, PricedOffer] = {}
    for priced in shop.offers:
        if priced.currency != currency or not priced.area.holds(address):
            continue
        known = best.get(priced.offer.code)
        if known is None or priced.area.rank < known.area.rank:
            best[priced.offer.code] = priced
    return tuple(best.values())


def with_live_prices(offers: tuple[PricedOffer, ...], rates: Rates | None) -> tuple[Offer, ...]:
    """The offers with what carriers ask today. Where a carrier that is asked has no price, the tables stand."""
    return tuple(_live(priced, rates) if priced.carrier and asks_carriers() else priced.offer for priced in offers)


def _live(priced: PricedOffer, rates: Rates | None) -> Offer:
    price = None if rates is None else live_price(rates, priced.carrier, priced.carrier_service)
    return replace(priced.offer, live_price=price, estimated=price is None)


def built_in() -> Offer:
    """One flat price for the whole world, for a shop that has set up no method."""
    return Offer(STANDARD, "Standard delivery", bands=(Band(Decimal(0), None, settings.SHOP_SHIPPING_PRICE),))
