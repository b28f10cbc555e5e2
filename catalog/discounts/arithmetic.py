"""What an automatic rule takes off: the one place for it, for carts and for the prices that lists show."""

from collections.abc import Sequence
from decimal import Decimal

from kernel.money import ZERO, quantize

Tiers = Sequence[tuple[int, Decimal]]


def taken_by(kind: str, *, left: Decimal, quantity: int, value: Decimal, tiers: Tiers, currency: str) -> Decimal:
    """What a rule of this kind takes of the `left` of a line with so many units, rounded half up; never more.

    `value` is the percentage (`percent`), or the amount of a unit (`fixed_off`, `fixed_price`); `tiers` are
    (from units, percent), ascending. Buy X get Y looks at all lines and is not among the kinds.
    """
    if kind == "fixed_off":
        return min(left, value * quantity)
    if kind == "fixed_price":
        return max(left - value * quantity, ZERO)
    percent = value if kind == "percent" else tier_percent(tiers, quantity)
    return quantize(left * percent / 100, currency)


def tier_percent(tiers: Tiers, quantity: int) -> Decimal:
    """The percentage of the highest tier that so many units reach."""
    return max(((start, percent) for start, percent in tiers if start <= quantity), default=(0, ZERO))[1]
