"""What sending a basket costs, and which way it goes."""

from decimal import Decimal

from kernel.money import ZERO, quantize
from orders.pricing.ledger import Ledger
from orders.pricing.terms import Offer, Terms

GRAMS = 1000  # in a kilogram


def choose(ledger: Ledger, terms: Terms) -> tuple[Offer | None, Decimal, str | None]:
    """The way asked for, or else the cheapest, with its price; or why there is none."""
    priced = options(ledger, terms)
    if terms.method:
        asked = [(offer, price) for offer, price in priced if offer.code == terms.method]
        if not asked:
            known = any(offer.code == terms.method for offer in terms.offers)
            return None, ZERO, "not_deliverable" if known or not terms.offers else "unknown_method"
        return (*asked[0], None)
    if not priced:
        return None, ZERO, "not_deliverable"
    return (*min(priced, key=lambda option: option[1]), None)


def options(ledger: Ledger, terms: Terms) -> list[tuple[Offer, Decimal]]:
    """The offers that take this basket, with their prices, in their own order."""
    priced = ((offer, price_of(offer, ledger)) for offer in terms.offers)
    return [(offer, price) for offer, price in priced if price is not None]


def price_of(offer: Offer, ledger: Ledger) -> Decimal | None:
    """What the offer costs for what is left of the basket; None when it falls into no band."""
    subtotal = ledger.worth(range(len(ledger.items)))
    if offer.free_over is not None and subtotal >= offer.free_over:
        return ZERO
    if offer.live_price is not None:
        return quantize(offer.live_price, ledger.currency)
    weight = Decimal(sum(item.weight_grams * item.quantity for item in ledger.items))
    units = sum(item.quantity for item in ledger.items)
    band = _band_price(offer, weight if offer.basis == "weight" else subtotal)
    if band is None:
        return None
    return quantize(band + offer.per_item * units + offer.per_kilo * weight / GRAMS, ledger.currency)


def _band_price(offer: Offer, measure: Decimal) -> Decimal | None:
    if not offer.bands:
        return ZERO
    fitting = (b for b in offer.bands if b.lower <= measure and (b.upper is None or measure < b.upper))
    return next((band.price for band in fitting), None)
