"""From what is wanted to a priced basket and what stands in its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings

from catalog.services import ProductFacts, sellable
from inventory.services import stock_for
from orders.pricing.quote import Item, Quote, Terms, quote

STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why this basket cannot be placed as it is. `item` is the index of the wanted line, where it is one's."""

    code: str
    detail: str
    field: str
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants, before prices: (sku, quantity) pairs, a currency, codes, where to.

    `agreed_prices` ({index of the line: unit price}) stand instead of the catalogue's, for orders taken over from
    another system at the prices agreed there.
    """

    lines: Sequence[tuple[str, int]]
    currency: str
    discount_codes: Sequence[str] = ()
    email: str = ""
    shipping_address: Mapping[str, str] | None = None
    has_account: bool = False
    agreed_prices: Mapping[int, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Basket:
    """A quote with the products behind its lines, and the problems left to solve.

    Lines whose product is not on sale are in `problems` and not in the quote; `indexes` says which wanted line
    each line of the quote was.
    """

    quote: Quote
    facts: tuple[ProductFacts, ...]
    indexes: tuple[int, ...]
    problems: tuple[Problem, ...]


def price(wanted: Wanted, *, check_stock: bool) -> Basket:
    """Read the products and price the basket; `check_stock=False` where reserving will tell for certain."""
    found = sellable({sku for sku, _ in wanted.lines})
    problems: list[Problem] = []
    kept: list[tuple[int, Item, ProductFacts]] = []
    for index, (sku, quantity) in enumerate(wanted.lines):
        facts = found.get(sku)
        if facts is None or facts.currency != wanted.currency:
            problems.append(_unavailable(index, sku, wanted.currency, facts))
        else:
            unit_price = wanted.agreed_prices.get(index, facts.price)
            item = Item(sku, facts.name, unit_price, quantity, is_taxed=not facts.is_gift_card)
            kept.append((index, item, facts))
    problems += _stock_problems(wanted, {facts.sku for _, _, facts in kept}) if check_stock else []
    problems += _form_problems(wanted)
    return Basket(
        quote=quote([item for _, item, _ in kept], terms_for(wanted.currency)),
        facts=tuple(facts for _, _, facts in kept),
        indexes=tuple(index for index, _, _ in kept),
        problems=tuple(problems),
    )


def terms_for(currency: str) -> Terms:
    """One flat tax rate and one flat shipping price for the whole shop."""
    return Terms(
        currency=currency,
        tax_rate=settings.SHOP_TAX_RATE,
        shipping_code=STANDARD,
        shipping_price=settings.SHOP_SHIPPING_PRICE,
    )


def _unavailable(index: int, sku: str, currency: str, facts: ProductFacts | None) -> Problem:
    what = "is not on sale" if facts is None else f"has no price in {currency}"
    return Problem("product_unavailable", f"{sku} {what}.", f"lines.{index}.sku", index)


def _stock_problems(wanted: Wanted, skus: set[str]) -> list[Problem]:
    there = stock_for(skus)
    return [
        Problem("insufficient_stock", f"{sku}: {there.get(sku, 0)} available.", f"lines.{index}.quantity", index)
        for index, (sku, quantity) in enumerate(wanted.lines)
        if sku in skus and there.get(sku, 0) < quantity
    ]


def _form_problems(wanted: Wanted) -> list[Problem]:
    problems = [
        Problem("code_not_applicable", f"The code {code} is not known.", f"discount_codes.{index}")
        for index, code in enumerate(wanted.discount_codes)
    ]
    if not wanted.lines:
        problems.insert(0, Problem("empty_cart", "There is nothing in the cart.", "items"))
    if not wanted.shipping_address:
        problems.append(Problem("required", "Where should it go?", "shipping_address"))
    if not wanted.email and not wanted.has_account:
        problems.append(Problem("required", "An e-mail address is needed for the confirmation.", "email"))
    return problems
