"""Tax on one amount, added to it or held by it."""

from dataclasses import dataclass
from decimal import Decimal

from kernel.money import ZERO, quantize
from orders.pricing.terms import Rate, Terms


@dataclass(frozen=True, slots=True)
class Tax:
    """The tax on `base`: `added` to it, or `included` in it. Without a name there is none."""

    name: str = ""
    rate: Decimal = ZERO
    base: Decimal = ZERO
    added: Decimal = ZERO
    included: Decimal = ZERO
    tax_class: str = ""
    source: str = ""
    estimated: bool = False
    reason: str = ""


def tax_on(base: Decimal, tax_class: str, terms: Terms) -> Tax:
    """The tax of this class on an amount after discounts, rounded half up once."""
    tax = terms.tax
    rate = tax.rate_of(tax_class)
    if rate is None:
        return Tax(base=base, tax_class=tax_class)
    said = {"base": base, "tax_class": tax_class, "source": tax.source, "estimated": tax.estimated}
    if tax.relief:
        return Tax(rate.name, reason=tax.relief, **said)  # type: ignore[arg-type]
    if tax.included:
        part = quantize(base * rate.rate / (1 + rate.rate), terms.currency)
        return Tax(rate.name, rate.rate, included=part, **said)  # type: ignore[arg-type]
    return Tax(rate.name, rate.rate, added=quantize(base * rate.rate, terms.currency), **said)  # type: ignore[arg-type]


def net_price(price: Decimal, rate: Rate | None, terms: Terms) -> Decimal:
    """The price for who is charged no tax: without the tax it holds. Others pay it as it is."""
    if not (terms.tax.included and terms.tax.relief) or rate is None:
        return price
    return quantize(price / (1 + rate.rate), terms.currency)
