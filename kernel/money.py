"""Amounts of money: `Decimal` in major units beside a currency code, never floats.

Exponents are those of ISO 4217 (JPY 0, EUR 2, KWD 3), taken from py-moneyed.
"""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import cache

import moneyed

ZERO = Decimal(0)

# ISO 4217 also lists metals, funds and test codes: nobody pays with those.
CURRENCIES: frozenset[str] = frozenset(
    code for code, currency in moneyed.CURRENCIES.items() if currency.numeric and not code.startswith("X")
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

    The parts always add up to the amount. All weights zero splits evenly; ties go to the earlier part.
    """
    if not weights:
        return []
    shares = [Decimal(weight) for weight in weights]
    if not any(shares):
        shares = [Decimal(1)] * len(shares)
    units = to_minor(amount, currency)
    sign, units = (-1 if units < 0 else 1), abs(units)
    whole = sum(shares)
    exact = [units * share / whole for share in shares]
    parts = [int(share.to_integral_value(ROUND_DOWN)) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_remainder[: units - sum(parts)]:
        parts[index] += 1
    return [from_minor(sign * part, currency) for part in parts]


def format_amount(amount: Decimal, currency: str) -> str:
    """The amount as the API writes it: `"19.99"`, `"500"` for JPY, `"1.250"` for KWD."""
    return f"{quantize(amount, currency):f}"
