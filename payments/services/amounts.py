"""Amounts as people give them."""

from decimal import Decimal

from kernel.errors import Invalid
from kernel.money import exponent, is_exact, quantize


def checked(amount: Decimal, currency: str) -> Decimal:
    """The amount with its currency's exact decimals. Raises `Invalid` on zero, less, or a fraction of a unit."""
    if amount <= 0:
        raise Invalid("More than nothing.", field="amount")
    if not is_exact(amount, currency):
        raise Invalid(f"{currency} has {exponent(currency)} decimals.", field="amount")
    return quantize(amount, currency)
