"""What a test order does instead of reserving."""

from collections.abc import Sequence

from inventory.allocation import requested_by_sku
from inventory.services import Want, insufficient, stock_for


def look_for_stock(wants: Sequence[Want], *, own: frozenset[str] | None) -> None:
    """Refuse what `reserve` would refuse, in the same words, and take nothing. Raises `InsufficientStock`."""
    requested = requested_by_sku(wants)
    there = stock_for(requested, own=own)
    lacking = {sku: there[sku] for sku, units in requested.items() if units > there[sku]}
    if lacking:
        raise insufficient(wants, lacking)
