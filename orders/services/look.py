"""What a test order does instead of reserving."""

from collections.abc import Sequence

from inventory.allocation import requested_by_sku
from inventory.errors import InsufficientStock
from inventory.services import Want, stock_for
from kernel.errors import FieldProblem


def look_for_stock(wants: Sequence[Want], *, own: frozenset[str] | None) -> None:
    """Refuse what `reserve` would refuse, in the same words, and take nothing. Raises `InsufficientStock`."""
    requested = requested_by_sku(wants)
    there = stock_for(requested, own=own)
    lacking = {sku: units for sku, units in requested.items() if units > there[sku]}
    if not lacking:
        return
    raise InsufficientStock(
        f"Not enough stock of {', '.join(sorted(lacking))}.",
        problems=[
            FieldProblem(f"lines.{place}.quantity", InsufficientStock.code, f"Only {there[want.sku]} available.")
            for place, want in enumerate(wants)
            if want.sku in lacking
        ],
        items=[{"sku": sku, "requested": units, "available": there[sku]} for sku, units in sorted(lacking.items())],
    )
