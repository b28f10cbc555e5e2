"""Amounts as people give them."""

from decimal import Decimal

from kernel.errors import Invalid
from kernel.money import exponent, format_amount, is_exact, quantize
from payments.errors import PaymentMismatch


def checked(amount: Decimal, currency: str) -> Decimal:
    """The amount with its currency's exact decimals. Raises `Invalid` on zero, less, or a fraction of a unit."""
    if amount <= 0:
        raise Invalid("More than nothing.", field="amount")
    if not is_exact(amount, currency):
        raise Invalid(f"{currency} has {exponent(currency)} decimals.", field="amount")
    return quantize(amount, currency)


def part_of_due(amount: Decimal | None, due: Decimal, currency: str) -> Decimal:
    """The amount, at most what is due; all of that without one. Raises `Invalid` and `PaymentMismatch`."""
    wanted = due if amount is None else checked(amount, currency)
    if wanted > due:
        raise PaymentMismatch(f"Only {format_amount(due, currency)} {currency} is due.", field="amount")
    return wanted
