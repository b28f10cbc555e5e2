"""The price of a basket: one pure pipeline from items to a quote that can explain itself.

items → lines → shipping → tax. Each step adds to `explanation`; nothing here reads the database or the clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from kernel.money import ZERO, from_minor, quantize, to_minor


@dataclass(frozen=True, slots=True)
class Item:
    """What is wanted: `unit_price` in major units of the quote's currency, `quantity` in units."""

    sku: str
    name: str
    unit_price: Decimal
    quantity: int
    # A gift card is a means of payment: what it will buy is taxed then (Directive (EU) 2016/1065).
    is_taxed: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """What the shop asks beyond the goods: a flat tax rate on them (0.20 = 20 %) and a shipping price."""

    currency: str
    tax_rate: Decimal
    shipping_code: str
    shipping_price: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """One priced item: `total = unit_price × quantity − discount + tax`."""

    item: Item
    discount: Decimal
    tax_rate: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return self.item.unit_price * self.item.quantity

    @property
    def total(self) -> Decimal:
        return self.gross - self.discount + self.tax


@dataclass(frozen=True, slots=True)
class Step:
    """Why an amount is part of the total."""

    step: str
    rule: str
    amount: Decimal
    detail: str


@dataclass(frozen=True, slots=True)
class Quote:
    """`total = subtotal − discount_total + shipping_total + tax_total`, each the sum of its rounded parts."""

    currency: str
    lines: tuple[Line, ...]
    shipping_total: Decimal
    explanation: tuple[Step, ...] = field(default=())

    @property
    def subtotal(self) -> Decimal:
        return sum((line.gross for line in self.lines), ZERO)

    @property
    def discount_total(self) -> Decimal:
        return sum((line.discount for line in self.lines), ZERO)

    @property
    def tax_total(self) -> Decimal:
        return sum((line.tax for line in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        return self.subtotal - self.discount_total + self.shipping_total + self.tax_total


def quote(items: Sequence[Item], terms: Terms) -> Quote:
    """Price the items under the terms. An empty basket costs nothing, shipping included."""
    lines = tuple(_line(item, terms) for item in items)
    shipping = quantize(terms.shipping_price, terms.currency) if lines else ZERO
    steps = [Step("item", line.item.sku, line.gross, _describe(line)) for line in lines]
    if shipping:
        steps.append(Step("shipping", terms.shipping_code, shipping, "Flat price for the whole order."))
    tax = sum((line.tax for line in lines), ZERO)
    if tax:
        percent = f"{(terms.tax_rate * 100).normalize():f} %"
        steps.append(Step("tax", "flat_rate", tax, f"{percent} of the goods, rounded per line."))
    return Quote(terms.currency, lines, shipping, tuple(steps))


def _line(item: Item, terms: Terms) -> Line:
    rate = terms.tax_rate if item.is_taxed else ZERO
    tax = quantize(item.unit_price * item.quantity * rate, terms.currency)
    return Line(item, discount=ZERO, tax_rate=rate, tax=tax)


def _describe(line: Line) -> str:
    return f"{line.item.quantity} × {line.item.name} at {line.item.unit_price.normalize():f}"


def value_of_units(total: Decimal, quantity: int, *, first: int, count: int, currency: str) -> Decimal:
    """The part of a line's total that belongs to `count` of its units after the `first` ones.

    Taken unit by unit, the parts add up to exactly the total: odd minor units go to the earliest units.
    """
    each, odd = divmod(to_minor(total, currency), quantity)

    def up_to(units: int) -> int:
        return each * units + min(units, odd)

    return from_minor(up_to(first + count) - up_to(first), currency)
