"""Random baskets under random terms, the same for a seed."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from orders.pricing.terms import (
    Band,
    BuyGet,
    Code,
    Goods,
    Item,
    Offer,
    Rate,
    Rule,
    TaxTerms,
    Terms,
    Window,
)

D = Decimal
AT = datetime(2030, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SHOPS = (("EUR", True), ("USD", False), ("JPY", True), ("JPY", False), ("KWD", True), ("KWD", False))
PLACES = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
CATEGORIES, TAGS, CLASSES = ("mugs", "home", "toys"), ("red", "blue"), ("standard", "reduced", "books")
RULE_KINDS = ("percent", "fixed_off", "fixed_price", "tiers", "buy_x_get_y")
CODE_KINDS = ("percent", "fixed", "free_shipping", "buy_x_get_y")


def basket(seed: object) -> tuple[list[Item], Terms]:
    """Items and terms."""
    dice = random.Random(str(seed))
    currency, included = dice.choice(SHOPS)
    size = dice.choices((dice.randint(1, 6), dice.randint(7, 40), dice.randint(41, 500)), (88, 10, 2))[0]
    makes = Maker(dice, currency)
    items = [makes.item(n) for n in range(size)]
    terms = Terms(
        currency=currency,
        at=AT,
        rules=tuple(makes.rule(n) for n in range(dice.choice((0, 1, 2, 3, 6, 12)))),
        groups=frozenset(dice.sample(("trade", "club"), dice.randint(0, 2))),
        codes=tuple(makes.code(n) for n in range(dice.choice((0, 0, 1, 2, 4)))),
        tax=makes.tax(included),
        offers=tuple(makes.offer(n) for n in range(dice.choice((0, 1, 1, 2, 4)))),
        method=dice.choice(("", "", "", "m0", "m1", "none")),
    )
    return items, terms


class Maker:
    def __init__(self, dice: random.Random, currency: str) -> None:
        self.dice, self.currency = dice, currency

    def amount(self, most: int) -> Decimal:
        places = PLACES[self.currency]
        return D(self.dice.randint(0, most * 10**places)).scaleb(-places)

    def some(self, of: tuple[str, ...]) -> frozenset[str]:
        return frozenset(self.dice.sample(of, self.dice.randint(0, len(of) - 1)))

    def item(self, n: int) -> Item:
        dice = self.dice
        quantity = dice.choices((1, dice.randint(2, 9), dice.randint(10, 300), 1_000_000), (50, 40, 9.9, 0.1))[0]
        return Item(
            sku=f"S{n}",
            name="x",
            unit_price=self.amount(dice.choice((0, 1, 20, 20, 1000, 100_000))),
            quantity=quantity,
            is_gift_card=dice.random() < 0.05,
            tax_class=dice.choice(CLASSES),
            weight_grams=dice.choice((0, 50, 350, 2500)),
            categories=self.some(CATEGORIES),
            tags=self.some(TAGS),
        )

    def goods(self) -> Goods:
        dice = self.dice
        if dice.random() < 0.5:
            return Goods()
        skus = frozenset(f"S{dice.randint(0, 8)}" for _ in range(dice.randint(0, 3)))
        return Goods(skus, self.some(CATEGORIES), self.some(TAGS))

    def window(self) -> Window:
        return self.dice.choices(
            (Window(), Window(AT - DAY, AT + DAY), Window(AT), Window(None, AT), Window(AT + DAY)), (70, 10, 10, 5, 5)
        )[0]

    def percent(self) -> Decimal:
        return D(self.dice.choice(("1", "5", "7.5", "10", "12.345", "33.3333", "50", "99", "100")))

    def buy_get(self) -> BuyGet:
        dice = self.dice
        return BuyGet(
            buy=dice.randint(1, 4),
            get=dice.randint(1, 3),
            percent=self.percent(),
            goods=self.goods(),
            times=dice.choice((None, None, 1, 3)),
        )

    def rule(self, n: int) -> Rule:
        dice, kind = self.dice, self.dice.choice(RULE_KINDS)
        starts = sorted(dice.sample(range(1, 30), dice.randint(1, 3)))
        return Rule(
            id=n,
            name=f"R{n}",
            kind=kind,
            lane=dice.randint(1, 3),
            priority=dice.randint(1, 3),
            exclusive=dice.random() < 0.3,
            groups=frozenset(dice.choice(((), (), ("trade",), ("club", "press")))),
            currency=dice.choice(("", "", self.currency, "GBP")),
            percent=self.percent(),
            amount=self.amount(dice.choice((1, 10, 50))),
            tiers=tuple((start, self.percent()) for start in starts),
            goods=self.goods(),
            buy_get=self.buy_get() if kind == "buy_x_get_y" else None,
            window=self.window(),
        )

    def code(self, n: int) -> Code:
        dice, kind = self.dice, self.dice.choice(CODE_KINDS)
        return Code(
            code=f"C{n}",
            campaign_id=dice.choice((n, 99)),
            name=f"C{n}",
            kind=kind,
            on_lines=dice.random() < 0.5,
            currency=dice.choice(("", self.currency, self.currency, "GBP")),
            percent=self.percent(),
            amount=self.amount(dice.choice((1, 10, 100))),
            cap=self.maybe(10, 0.3),
            minimum_spend=self.maybe(50, 0.3),
            budget_left=self.maybe(100, 0.2),
            combines=dice.random() < 0.8,
            goods=self.goods(),
            buy_get=self.buy_get() if kind == "buy_x_get_y" else None,
            window=self.window(),
            refusal=("limit_reached", "Used up.") if dice.random() < 0.05 else None,
        )

    def maybe(self, most: int, chance: float) -> Decimal | None:
        return self.amount(most) if self.dice.random() < chance else None

    def tax(self, included: bool) -> TaxTerms:
        dice = self.dice
        rates = {name: Rate(f"{name} tax", self.rate()) for name in CLASSES if dice.random() < 0.8}
        return TaxTerms(
            rates=rates,
            default=Rate("flat", self.rate()) if dice.random() < 0.3 else None,
            shipping_class=dice.choice(("", "standard", "reduced")),
            included=included,
            relief=dice.choices(("", "exempt", "reverse_charge"), (85, 8, 7))[0],
        )

    def rate(self) -> Decimal:
        return D(self.dice.choice(("0", "0.055", "0.07", "0.077", "0.19", "0.20", "0.0725", "1")))

    def offer(self, n: int) -> Offer:
        dice = self.dice
        offer: dict[str, Any] = {"code": f"m{n}", "name": f"M{n}", "basis": dice.choice(("weight", "subtotal"))}
        ends = sorted(dice.sample(range(1, 5000), dice.randint(0, 3)))
        lows = [0, *ends]
        bands = [Band(D(low), D(high), self.amount(20)) for low, high in zip(lows, ends, strict=False)]
        if dice.random() < 0.7:
            bands.append(Band(D(lows[-1]), None, self.amount(20)))
        elif len(bands) > 1 and dice.random() < 0.5:
            bands.pop(0)
        return Offer(
            bands=tuple(bands),
            per_item=self.amount(1) if dice.random() < 0.3 else D(0),
            per_kilo=self.amount(2) if dice.random() < 0.3 else D(0),
            free_over=self.maybe(200, 0.3),
            live_price=self.maybe(20, 0.15),
            **offer,
        )
