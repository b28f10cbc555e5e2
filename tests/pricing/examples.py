"""The worked examples of docs/pricing.md: two mugs of 10.00 and a tea of 3.99 unless they say otherwise."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kernel.money import format_amount
from orders.pricing.quote import quote
from orders.pricing.terms import Band, BuyGet, Code, Goods, Item, Offer, Rate, Rule, TaxTerms, Terms, Window

D = Decimal
AT = datetime(2030, 3, 1, 12, tzinfo=UTC)
MUGS = Item("MUG", "Mug", D("10.00"), 2, weight_grams=350, categories=frozenset({"mugs"}), tags=frozenset({"gift"}))
TEA = Item("TEA", "Tea", D("3.99"), 1, weight_grams=100)
FLAT = Offer("standard", "Standard delivery", bands=(Band(D(0), None, D("5.00")),))
BANDS = (Band(D(0), D(500), D("3.90")), Band(D(500), D(5000), D("5.90")), Band(D(5000), None, D("14.90")))
GERMANY = TaxTerms(rates={"standard": Rate("VAT 19 %", D("0.19"))}, shipping_class="standard", zone="de")
BARE = Terms("EUR", AT)


def rule(**fields: Any) -> Terms:
    return replace(BARE, rules=(Rule(1, **{"name": "Sale", **fields}),))


def codes(*given: Code) -> Terms:
    return replace(BARE, codes=given)


def code(text: str = "WELCOME", **fields: Any) -> Code:
    return Code(text, 1, text, **{"kind": "percent", "percent": D(10), **fields})


TWO_FOR_ONE = BuyGet(1, 1, D(100), Goods())
EXAMPLES: dict[str, Callable[[], tuple[list[Item], Terms]]] = {
    "percent": lambda: ([MUGS, TEA], rule(kind="percent", percent=D(10))),
    "amount off each unit": lambda: (
        [MUGS, TEA],
        rule(kind="fixed_off", amount=D("1.50"), goods=Goods(skus=frozenset({"MUG"}))),
    ),
    "fixed price": lambda: (
        [MUGS],
        rule(kind="fixed_price", amount=D("8.00"), goods=Goods(categories=frozenset({"mugs"}))),
    ),
    "by quantity": lambda: (
        [replace(MUGS, quantity=12)],
        rule(kind="tiers", tiers=((10, D(5)), (50, D(8)))),
    ),
    "buy X get Y": lambda: ([replace(MUGS, quantity=5), TEA], rule(kind="buy_x_get_y", buy_get=TWO_FOR_ONE)),
    "two lanes": lambda: (
        [MUGS],
        replace(
            BARE,
            rules=(
                Rule(1, "Mug week", "percent", percent=D(20), exclusive=True, priority=1),
                Rule(2, "Sale", "percent", percent=D(10), priority=2),
                Rule(3, "Trade", "percent", percent=D(5), lane=2, groups=frozenset({"trade"})),
            ),
            groups=frozenset({"trade"}),
        ),
    ),
    "code on the order": lambda: ([MUGS, TEA], codes(code(cap=D("2.00"), currency="EUR"))),
    "code on lines": lambda: (
        [MUGS, TEA],
        codes(code("MUGS", on_lines=True, goods=Goods(tags=frozenset({"gift"})))),
    ),
    "fixed code": lambda: ([MUGS, TEA], codes(code("FIVE", kind="fixed", amount=D("5.00"), currency="EUR"))),
    "free shipping": lambda: (
        [MUGS],
        replace(codes(code("SHIPFREE", kind="free_shipping")), offers=(FLAT,)),
    ),
    "buy X get Y code": lambda: (
        [MUGS, TEA],
        codes(code("TEATIME", kind="buy_x_get_y", goods=Goods(skus=frozenset({"MUG"})),
                   buy_get=BuyGet(2, 1, D(50), Goods(skus=frozenset({"TEA"}))))),
    ),
    "codes that do not apply": lambda: (
        [MUGS],
        codes(
            Code("OLD", refusal=("unknown", "There is no code OLD.")),
            code("SUMMER", window=Window(datetime(2030, 6, 1, tzinfo=UTC))),
            code("DOLLARS", kind="fixed", amount=D(5), currency="USD"),
            code("BIG", minimum_spend=D("50.00"), currency="EUR"),
            code("TEA", goods=Goods(skus=frozenset({"TEA"}))),
            code("WELCOME", combines=False),
            code("SECOND"),
        ),
    ),
    "shipping by weight": lambda: ([MUGS, TEA], replace(BARE, offers=(Offer("post", "Post", "Germany", bands=BANDS),))),
    "tax added": lambda: ([MUGS, TEA], replace(BARE, offers=(FLAT,), tax=GERMANY)),
    "tax held by the prices": lambda: (
        [MUGS, TEA],
        replace(BARE, offers=(FLAT,), tax=replace(GERMANY, included=True)),
    ),
    "reverse charge": lambda: (
        [MUGS],
        replace(BARE, offers=(FLAT,), tax=replace(GERMANY, included=True, relief="reverse_charge")),
    ),
    "yen": lambda: (
        [Item("CUP", "Cup", D(1500), 3)],
        replace(rule(kind="percent", percent=D("7.5")), currency="JPY",
                tax=TaxTerms(rates={"standard": Rate("Consumption tax 10 %", D("0.10"))})),
    ),
}  # fmt: skip


def told(name: str) -> str:
    """The explanation of an example as the page prints it."""
    priced = quote(*EXAMPLES[name]())

    def amount(value: D) -> str:
        return format_amount(value, priced.currency).rjust(8)

    steps = [
        f"{amount(step.amount)}  {step.step:<13} {step.rule:<13} {step.detail}{f' [{step.reason}]' if step.reason else ''}"
        for step in priced.explanation
    ]
    return "\n".join([*steps, f"{amount(priced.total)}  total {priced.currency}"])
