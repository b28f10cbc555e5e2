"""The price of a basket: one pure pipeline from items to a quote that can explain itself.

items → automatic rules → codes on lines → codes on the order → shipping → tax, each on what those before have left
and never below zero. Nothing here reads the database or the clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from kernel.money import ZERO, from_minor, to_minor
from orders.pricing.codes import apply_codes, apply_free_shipping
from orders.pricing.ledger import Cut, Ledger, Refusal, Step
from orders.pricing.rules import apply_rules
from orders.pricing.shipping import choose
from orders.pricing.tax import Tax, net_price, tax_on
from orders.pricing.terms import Item, Offer, Rate, Terms

__all__ = ["Cut", "Item", "Line", "Quote", "Refusal", "Shipping", "Step", "Tax", "Terms", "quote", "value_of_units"]


@dataclass(frozen=True, slots=True)
class Line:
    """One priced item: `total = unit_price × quantity − discount + tax`; `included_tax` is a part of it."""

    item: Item
    cuts: tuple[Cut, ...]
    tax_due: Tax

    @property
    def gross(self) -> Decimal:
        return self.item.gross

    @property
    def discount(self) -> Decimal:
        return sum((cut.amount for cut in self.cuts), ZERO)

    @property
    def net(self) -> Decimal:
        """What is left after discounts, before added tax."""
        return self.gross - self.discount

    @property
    def tax_rate(self) -> Decimal:
        return self.tax_due.rate

    @property
    def tax(self) -> Decimal:
        return self.tax_due.added

    @property
    def included_tax(self) -> Decimal:
        return self.tax_due.included

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Shipping:
    """What sending costs: `total = price − discount + tax`."""

    offer: Offer
    price: Decimal
    discount: Decimal
    discount_code: str
    tax_due: Tax

    @property
    def code(self) -> str:
        return self.offer.code

    @property
    def net(self) -> Decimal:
        return self.price - self.discount

    @property
    def tax(self) -> Decimal:
        return self.tax_due.added

    @property
    def included_tax(self) -> Decimal:
        return self.tax_due.included

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Quote:
    """`total = subtotal − discount_total + shipping_total + tax_total`, each the sum of its rounded parts.

    `shipping_problem` says why it cannot be sent: `unknown_method`, `not_deliverable`. `used` is what each accepted
    code takes off.
    """

    terms: Terms
    lines: tuple[Line, ...]
    shipping: Shipping | None
    shipping_problem: str | None = None
    refusals: tuple[Refusal, ...] = ()
    used: tuple[tuple[str, Decimal], ...] = ()
    explanation: tuple[Step, ...] = field(default=())

    @property
    def currency(self) -> str:
        return self.terms.currency

    @property
    def subtotal(self) -> Decimal:
        return sum((line.gross for line in self.lines), ZERO)

    @property
    def discount_total(self) -> Decimal:
        return sum((line.discount for line in self.lines), ZERO)

    @property
    def shipping_total(self) -> Decimal:
        return self.shipping.net if self.shipping else ZERO

    @property
    def tax_total(self) -> Decimal:
        """The tax that is added to the prices, the shipping's with it."""
        return sum((line.tax for line in self.lines), self.shipping.tax if self.shipping else ZERO)

    @property
    def included_tax_total(self) -> Decimal:
        """The tax that the prices hold already."""
        return sum((line.included_tax for line in self.lines), self.shipping.included_tax if self.shipping else ZERO)

    @property
    def total(self) -> Decimal:
        return self.subtotal - self.discount_total + self.shipping_total + self.tax_total


@dataclass(frozen=True, slots=True)
class Untaxed:
    """A basket priced up to the tax: what a tax provider is asked about, and what `finish` makes a quote of."""

    terms: Terms
    ledger: Ledger
    shipping: Shipping | None
    shipping_problem: str | None


def quote(items: Sequence[Item], terms: Terms) -> Quote:
    """Price the items under the terms. An empty basket costs nothing, shipping included."""
    return finish(before_tax(items, terms))


def before_tax(items: Sequence[Item], terms: Terms) -> Untaxed:
    """All steps but the last."""
    ledger = Ledger([_relieved(item, terms) for item in items], terms.currency)
    apply_rules(ledger, terms)
    accepted = apply_codes(ledger, terms)
    offer, price, problem = choose(ledger, terms) if items else (None, ZERO, None)
    price = net_price(price, terms.tax.rate_of(terms.tax.shipping_class), terms)
    code = apply_free_shipping(ledger, accepted, price, is_sent=offer is not None)
    shipping = None
    if offer is not None:
        ledger.explain(Step("shipping", offer.code, price, _says_shipping(offer)))
        discount = price if code else ZERO
        if code:
            ledger.explain(Step("code", code, -discount, "Free shipping.", base=price))
        shipping = Shipping(offer, price, discount, code, Tax())
    return Untaxed(terms, ledger, shipping, problem)


def finish(untaxed: Untaxed, said: Sequence[Tax] | None = None) -> Quote:
    """Add the tax: by the rates of the terms, or as a provider `said` for each line and then the shipping."""
    terms, ledger, shipping = untaxed.terms, untaxed.ledger, untaxed.shipping
    taxes = list(said) if said is not None else _by_rates(untaxed)
    lines = tuple(
        Line(item, tuple(cuts), tax) for item, cuts, tax in zip(ledger.items, ledger.cuts, taxes, strict=False)
    )
    if shipping is not None:
        shipping = replace(shipping, tax_due=taxes[len(lines)])
    steps = [Step("item", line.item.sku, line.gross, _describe(line.item), sku=line.item.sku) for line in lines]
    return Quote(
        terms=terms,
        lines=lines,
        shipping=shipping,
        shipping_problem=untaxed.shipping_problem,
        refusals=tuple(ledger.refusals),
        used=tuple(ledger.used.items()),
        explanation=(*steps, *ledger.steps, *_tax_steps(lines, shipping, terms)),
    )


def _by_rates(untaxed: Untaxed) -> list[Tax]:
    terms, ledger = untaxed.terms, untaxed.ledger
    taxes = [
        Tax(tax_class=item.tax_class) if item.is_gift_card else tax_on(left, item.tax_class, terms)
        for item, left in zip(ledger.items, ledger.left, strict=True)
    ]
    if untaxed.shipping is not None:
        taxes.append(tax_on(untaxed.shipping.net, terms.tax.shipping_class, terms))
    return taxes


def _relieved(item: Item, terms: Terms) -> Item:
    """Who is charged no tax does not pay the tax that a price holds either."""
    if item.is_gift_card:
        return item
    price = net_price(item.unit_price, terms.tax.rate_of(item.tax_class), terms)
    return item if price == item.unit_price else replace(item, unit_price=price)


def _tax_steps(lines: Sequence[Line], shipping: Shipping | None, terms: Terms) -> list[Step]:
    """One for each rate on goods, and one for the shipping."""
    goods: dict[Rate, list[Line]] = {}
    for line in lines:
        if line.tax_due.name:
            goods.setdefault(Rate(line.tax_due.name, line.tax_rate), []).append(line)
    steps = [_tax_step(rate, [line.tax_due for line in found], "the goods", terms) for rate, found in goods.items()]
    if shipping is not None and shipping.tax_due.name:
        due = shipping.tax_due
        steps.append(_tax_step(Rate(due.name, due.rate), [due], "the shipping", terms))
    return [step for step in steps if step.amount or step.reason]


def _tax_step(rate: Rate, taxes: Sequence[Tax], what: str, terms: Terms) -> Step:
    tax = terms.tax
    amount = sum((due.added + due.included for due in taxes), ZERO)
    base = sum((due.base for due in taxes), ZERO)
    percent = f"{(rate.rate * 100).normalize():f} %"
    how = "contained in the price of" if tax.included else "of"
    detail = f"{percent} {how} {what}, rounded per line."
    if tax.relief:
        detail = f"No tax: {RELIEFS.get(tax.relief, tax.relief)}"
    if any(due.estimated for due in taxes):
        detail += " Estimated, since the tax service did not answer."
    name = "included_tax" if tax.included and not tax.relief else "tax"
    return Step(name, rate.name, amount, detail, base=base, reason=tax.relief)


RELIEFS = {
    "exempt": "the customer has a certificate of exemption.",
    "reverse_charge": "reverse charge, the buyer accounts for it (Directive 2006/112/EC, articles 138 and 196).",
}


def _describe(item: Item) -> str:
    return f"{item.quantity} × {item.name} at {item.unit_price.normalize():f}"


def _says_shipping(offer: Offer) -> str:
    said = f"{offer.name}, {offer.zone}." if offer.zone else f"{offer.name}."
    return f"{said} Estimated, since the carrier did not answer." if offer.estimated else said


def value_of_units(total: Decimal, quantity: int, *, first: int, count: int, currency: str) -> Decimal:
    """The part of a line's total that belongs to `count` of its units after the `first` ones.

    Taken unit by unit, the parts add up to exactly the total: odd minor units go to the earliest units.
    """
    each, odd = divmod(to_minor(total, currency), quantity)

    def up_to(units: int) -> int:
        return each * units + min(units, odd)

    return from_minor(up_to(first + count) - up_to(first), currency)
