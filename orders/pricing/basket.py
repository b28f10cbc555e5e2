"""From what is wanted to a priced basket and what stands in its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from catalog.assortment import Assortment
from catalog.services import ProductFacts, sellable
from inventory.backorders.availability import Supply, supply_for
from kernel.money import ZERO
from orders.codes.reading import read_codes
from orders.pricing.buyer import Buyer, buyer_of
from orders.pricing.offering import STANDARD, Asked, Contents, address_of, terms_of
from orders.pricing.quote import Item, Quote, before_tax
from orders.pricing.shop import shop
from orders.pricing.terms import Terms
from orders.tax.quoting import Calculation, tax

__all__ = ["STANDARD", "Basket", "Problem", "Wanted", "price"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why this basket cannot be placed as it is. `item` is the index of the wanted line, where it is one's; `reason`
    says it more precisely than the code where a code can have several.
    """

    code: str
    detail: str
    field: str
    item: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants, before prices: (sku, quantity) pairs, a currency, codes, where to and how.

    `agreed_prices` ({index of the line: unit price}) stand instead of the catalogue's, for orders taken over from
    another system at the prices agreed there. Without `at` it is priced as of now; without `buyer` that of `user_id` is
    read. `ask`: providers of taxes and carriers may be asked now, which takes time. `given`: what may be sold; other
    products are as if they did not exist. `warehouses`: the codes of those whose stock counts. None: everything.
    """

    lines: Sequence[tuple[str, int]]
    currency: str
    discount_codes: Sequence[str] = ()
    email: str = ""
    shipping_address: Mapping[str, str] | None = None
    shipping_method: str = ""
    user_id: int | None = None
    buyer: Buyer | None = None
    has_account: bool = False
    at: datetime | None = None
    ask: bool = False
    given: Assortment | None = None
    warehouses: frozenset[str] | None = None
    agreed_prices: Mapping[int, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Basket:
    """A quote with the products behind its lines, and the problems left to solve.

    Lines whose product is not on sale are in `problems` and not in the quote; `indexes` says which wanted line
    each line of the quote was. `email` is whose uses of codes are counted. `supply` is what can be promised, by SKU,
    where that was looked up.
    """

    quote: Quote
    facts: tuple[ProductFacts, ...]
    indexes: tuple[int, ...]
    problems: tuple[Problem, ...]
    email: str
    calculation: Calculation | None = None
    supply: Mapping[str, Supply] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """What a basket is priced from: the lines that are on sale as (index, item, facts), and the terms."""

    kept: tuple[tuple[int, Item, ProductFacts], ...]
    terms: Terms
    address: Mapping[str, str]
    email: str
    problems: tuple[Problem, ...]

    @property
    def items(self) -> list[Item]:
        return [item for _, item, _ in self.kept]


def price(wanted: Wanted, *, check_stock: bool) -> Basket:
    """Read the products and price the basket; `check_stock=False` where reserving will tell for certain."""
    read = read_terms(wanted)
    quoted, calculation = tax(before_tax(read.items, read.terms), read.address, ask=wanted.ask)
    problems = list(read.problems)
    supply = supply_for({item.sku for item in read.items}, own=wanted.warehouses) if check_stock else {}
    problems += _stock_problems(wanted, supply)
    problems += _form_problems(wanted, quoted)
    return Basket(
        quote=quoted,
        facts=tuple(facts for _, _, facts in read.kept),
        indexes=tuple(index for index, _, _ in read.kept),
        problems=tuple(problems),
        email=read.email,
        calculation=calculation,
        supply=supply,
    )


def read_terms(wanted: Wanted) -> Read:
    """The products and the terms of a basket, in few statements however many lines it has."""
    found = sellable({sku for sku, _ in wanted.lines}, wanted.currency, given=wanted.given)
    problems: list[Problem] = []
    kept: list[tuple[int, Item, ProductFacts]] = []
    for index, (sku, quantity) in enumerate(wanted.lines):
        facts = found.get(sku)
        if facts is None or facts.currency != wanted.currency:
            problems.append(_unavailable(index, sku, wanted.currency, facts))
        else:
            kept.append((index, _item(facts, wanted.agreed_prices.get(index, facts.price), quantity), facts))
    version = next((facts.terms_version or 0 for facts in found.values()), None)
    buyer = wanted.buyer or buyer_of(wanted.user_id)
    email = buyer.email or wanted.email
    asked = Asked(wanted.currency, wanted.shipping_address, wanted.shipping_method, wanted.at or timezone.now())
    codes = read_codes(wanted.discount_codes, email=email, user_id=wanted.user_id)
    items = [item for _, item, _ in kept]
    grams = sum(item.weight_grams * item.quantity for item in items)
    contents = Contents(grams, sum((item.gross for item in items), ZERO), wanted.ask)
    terms = terms_of(asked, shop=shop(version), buyer=buyer, codes=codes, parcel=contents)
    if wanted.agreed_prices:
        terms = replace(terms, rules=())  # what was agreed elsewhere is not made cheaper here
    return Read(tuple(kept), terms, address_of(asked), email, tuple(problems))


def _item(facts: ProductFacts, unit_price: Decimal, quantity: int) -> Item:
    return Item(
        facts.sku,
        facts.name,
        unit_price,
        quantity,
        is_gift_card=facts.is_gift_card,
        tax_class=facts.tax_class,
        weight_grams=facts.weight_grams,
        categories=facts.categories,
        tags=frozenset(facts.tags),
    )


def _unavailable(index: int, sku: str, currency: str, facts: ProductFacts | None) -> Problem:
    what = "is not on sale" if facts is None else f"has no price in {currency}"
    return Problem("product_unavailable", f"{sku} {what}.", f"lines.{index}.sku", index)


def _stock_problems(wanted: Wanted, supply: Mapping[str, Supply]) -> list[Problem]:
    return [
        Problem("insufficient_stock", f"{sku}: {supply[sku].orderable} available.", f"lines.{index}.quantity", index)
        for index, (sku, quantity) in enumerate(wanted.lines)
        if sku in supply and supply[sku].orderable < quantity
    ]


def _form_problems(wanted: Wanted, quoted: Quote) -> list[Problem]:
    problems = []
    if not wanted.lines:
        problems.append(Problem("empty_cart", "There is nothing in the cart.", "items"))
    problems += _code_problems(wanted, quoted)
    if not wanted.shipping_address:
        problems.append(Problem("required", "Where should it go?", "shipping_address"))
    elif quoted.lines and quoted.shipping_problem:
        problems.append(_shipping_problem(wanted, quoted.shipping_problem))
    if not wanted.email and not wanted.has_account:
        problems.append(Problem("required", "An e-mail address is needed for the confirmation.", "email"))
    return problems


def _code_problems(wanted: Wanted, quoted: Quote) -> list[Problem]:
    """In an empty cart a code that has nothing to work on is no problem of its own."""
    places = {text.strip().upper(): place for place, text in reversed(list(enumerate(wanted.discount_codes)))}
    return [
        Problem("code_not_applicable", refusal.detail, f"discount_codes.{places[refusal.code]}", reason=refusal.reason)
        for refusal in quoted.refusals
        if quoted.lines or refusal.reason != "no_goods"
    ]


def _shipping_problem(wanted: Wanted, reason: str) -> Problem:
    if reason == "unknown_method":
        detail = f"{wanted.shipping_method} is not offered for this address."
    else:
        detail = "This basket cannot be sent to this address" + (" that way." if wanted.shipping_method else ".")
    return Problem("not_deliverable", detail, "shipping_method", reason=reason)
