"""Buy X get Y: which units become cheaper, and by how much."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from kernel.money import quantize
from orders.pricing.ledger import Ledger
from orders.pricing.terms import BuyGet, Goods


def cheaper(ledger: Ledger, lines: Sequence[int], goods: Goods, terms: BuyGet) -> dict[int, Decimal]:
    """What each of these lines loses: for every `buy` units of the goods `get` others, the cheapest first.

    A unit is bought or made cheaper, never both. Empty where too few are there.
    """
    given = goods if terms.goods.all else terms.goods
    bought = {n for n in lines if goods.hold(ledger.items[n])}
    offered = [n for n in lines if given.hold(ledger.items[n])]
    offered.sort(key=lambda n: (Fraction(ledger.left[n]) / ledger.items[n].quantity, n))
    times = _times(ledger, bought, offered, terms)
    units = _first_units(ledger, offered, times * terms.get)
    return {
        n: quantize(ledger.left[n] * count * terms.percent / (ledger.items[n].quantity * 100), ledger.currency)
        for n, count in units.items()
    }


def _times(ledger: Ledger, bought: set[int], offered: Sequence[int], terms: BuyGet) -> int:
    """How often it fits: the largest t of which t × get cheaper and t × buy other units are there."""
    quantity = {n: ledger.items[n].quantity for n in {*bought, *offered}}
    units_bought = sum(quantity[n] for n in bought)
    units_offered = sum(quantity[n] for n in offered)
    low, high = 0, min(units_bought // terms.buy, -(-units_offered // terms.get))
    if terms.times is not None:
        high = min(high, terms.times)
    while low < high:
        middle = (low + high + 1) // 2
        taken = _first_units(ledger, offered, middle * terms.get)
        left = units_bought - sum(count for n, count in taken.items() if n in bought)
        low, high = (middle, high) if left >= middle * terms.buy else (low, middle - 1)
    return low


def _first_units(ledger: Ledger, offered: Sequence[int], count: int) -> dict[int, int]:
    """Line → how many of its units are among the first so many of this order."""
    units: dict[int, int] = {}
    for n in offered:
        if count <= 0:
            break
        units[n] = min(count, ledger.items[n].quantity)
        count -= units[n]
    return units
