"""Amounts of money: `Decimal` in major units beside a currency code, never floats.

Exponents are those of ISO 4217 (JPY 0, EUR 2, KWD 3), taken from py-moneyed.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from math import floor

import moneyed

ZERO = Decimal(0)

# ISO 4217 also lists metals, drawing rights, test codes (X.., but for four that are paid with), funds and units of
# account, and the library keeps withdrawn currencies, which no country uses: nobody pays with any of those.
_PAID_WITH_X = frozenset({"XAF", "XCD", "XOF", "XPF"})
_FUNDS = frozenset({"BOV", "CHE", "CHW", "CLF", "CNH", "COU", "MXV", "USN", "UYI", "UYW"})
CURRENCIES: frozenset[str] = frozenset(
    code
    for code, currency in moneyed.CURRENCIES.items()
    if currency.countries and code not in _FUNDS and (code in _PAID_WITH_X or not code.startswith("X"))
)


@cache
def exponent(currency: str) -> int:
    """Decimal places of the currency. Raises `KeyError` for an unknown code."""
    if currency not in CURRENCIES:
        raise KeyError(currency)
    sub_unit: int = moneyed.CURRENCIES[currency].sub_unit
    return len(str(sub_unit)) - 1


@cache
def _unit(currency: str) -> Decimal:
    return Decimal(1).scaleb(-exponent(currency))


def quantize(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's exponent: once per line, never on a sum of rounded lines."""
    return amount.quantize(_unit(currency), ROUND_HALF_UP)


def is_exact(amount: Decimal, currency: str) -> bool:
    """Whether the amount has no more decimals than its currency."""
    return amount == quantize(amount, currency)


def to_minor(amount: Decimal, currency: str) -> int:
    """Major units to integer minor units, as gateways count. Raises `ValueError` on a fraction of a unit."""
    if not is_exact(amount, currency):
        raise ValueError(f"{amount} has more decimals than {currency}.")
    return int(amount.scaleb(exponent(currency)))


def from_minor(units: int, currency: str) -> Decimal:
    """Integer minor units to major units with the currency's exact decimals."""
    return quantize(Decimal(units).scaleb(-exponent(currency)), currency)


def allocate(amount: Decimal, weights: Sequence[Decimal | int], currency: str) -> list[Decimal]:
    """Split an amount in proportion, in whole minor units, by the largest remainder.

    The parts always add up to the amount. All weights zero splits evenly; ties go to the earlier part; a part of
    weight zero gets nothing. Raises `ValueError` on a negative weight.
    """
    if not weights:
        return []
    if any(weight < 0 for weight in weights):
        raise ValueError("A weight is negative.")
    shares = [Fraction(weight) for weight in weights] if any(weights) else [Fraction(1)] * len(weights)
    units = to_minor(amount, currency)
    sign, units = (-1 if units < 0 else 1), abs(units)
    whole = sum(shares)
    exact = [units * share / whole for share in shares]  # fractions: decimals would round and lose a unit
    parts = [floor(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_remainder[: units - sum(parts)]:
        parts[index] += 1
    return [from_minor(sign * part, currency) for part in parts]


def format_amount(amount: Decimal, currency: str) -> str:
    """The amount as the API writes it: `"19.99"`, `"500"` for JPY, `"1.250"` for KWD; never `"-0.00"`."""
    return f"{quantize(amount, currency) + ZERO:f}"
