"""The pipeline against a second account of the same rules, on random baskets.

PRICING_SEED repeats a run, PRICING_CARTS sets the size of the long one.
"""

import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kernel.money import from_minor, is_exact
from orders.pricing.quote import Quote, quote, value_of_units
from tests.pricing import model
from tests.pricing.carts import basket

TOTALS = ("subtotal", "discount_total", "shipping_total", "tax_total", "included_tax_total", "total")
SHORT, FULL = 3000, int(os.environ.get("PRICING_CARTS", "100000"))


def fresh_seed() -> str:
    seed = os.environ.get("PRICING_SEED") or str(random.SystemRandom().randrange(10**9))
    print(f"PRICING_SEED={seed}")  # noqa: T201  to repeat it
    return seed


def numbers(priced: Quote) -> dict[str, Any]:
    """A quote as the model gives it."""
    shipping = priced.shipping
    return {
        "lines": [
            (line.item.unit_price, line.discount, line.tax, line.included_tax, line.total) for line in priced.lines
        ],
        "shipping": shipping and (shipping.price, shipping.discount, shipping.tax, shipping.included_tax),
        **{name: getattr(priced, name) for name in TOTALS},
        "refused": {refusal.code: refusal.reason for refusal in priced.refusals},
        "problem": priced.shipping_problem,
        "method": shipping.code if shipping else "",
    }


def compare(count: int, seed: str, pipeline: Callable[..., Quote] = quote) -> Counter[str]:
    """Price so many baskets both ways; returns what has occurred. Fails at the first difference."""
    seen: Counter[str] = Counter()
    for number in range(count):
        items, terms = basket(f"{seed}-{number}")
        priced = pipeline(items, terms)
        found, expected = numbers(priced), model.price(items, terms)
        differing = {name: (found[name], expected[name]) for name in expected if found[name] != expected[name]}
        assert not differing, f"seed {seed}, basket {number} ({len(items)} lines): {differing}"
        check_sane(priced)
        shop = f"{terms.currency} {'included' if terms.tax.included else 'added'}"
        seen.update(
            [shop, "long" if len(items) > 300 else "short", *(f"refused {why}" for why in found["refused"].values())]
        )
        seen.update(step.step for step in priced.explanation)
    return seen


def check_sane(priced: Quote) -> None:
    amounts = [getattr(priced, name) for name in TOTALS]
    amounts += [amount for line in priced.lines for amount in (line.discount, line.tax, line.included_tax, line.total)]
    assert all(amount >= 0 and is_exact(amount, priced.currency) for amount in amounts)
    told = sum(step.amount for step in priced.explanation if step.step != "included_tax")
    assert told == priced.total


def test_no_difference() -> None:
    seen = compare(SHORT, fresh_seed())
    for shop in ("EUR included", "USD added", "JPY included", "JPY added", "KWD included", "KWD added", "long"):
        assert seen[shop] > 0, seen


@pytest.mark.long
def test_no_difference_in_a_hundred_thousand_baskets() -> None:
    seen = compare(FULL, fresh_seed())
    reasons = ("no_goods", "minimum_spend", "too_few", "does_not_combine", "nothing_left", "budget_spent")
    assert all(seen[f"refused {reason}"] for reason in reasons), seen


def test_a_mistake_of_one_unit_is_found() -> None:
    def careless(items: Any, terms: Any) -> Quote:
        priced = quote(items, terms)
        due = priced.lines[0].tax_due
        less = replace(due, added=max(due.added - from_minor(1, priced.currency), Decimal(0)))
        return replace(priced, lines=(replace(priced.lines[0], tax_due=less), *priced.lines[1:]))

    with pytest.raises(AssertionError, match="seed control"):
        compare(200, "control", careless)


def test_refunding_all_lines_in_any_order_gives_back_what_was_paid() -> None:
    seed = fresh_seed()
    dice = random.Random(seed)
    for number in range(300):
        priced = quote(*basket(f"{seed}-{number}"))
        back = priced.shipping.total if priced.shipping else Decimal(0)
        done = [0] * len(priced.lines)
        while open_lines := [n for n, line in enumerate(priced.lines) if done[n] < line.item.quantity]:
            n = dice.choice(open_lines)
            line = priced.lines[n]
            count = dice.randint(1, line.item.quantity - done[n])
            part = value_of_units(line.total, line.item.quantity, first=done[n], count=count, currency=priced.currency)
            assert part >= 0
            back, done[n] = back + part, done[n] + count
        assert back == priced.total, f"seed {seed}, basket {number}"
