"""Where in a warehouse things lie."""

from collections.abc import Iterable


def bins_of(places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """(SKU, warehouse id) → the bin it lies in; empty where shelves have no names."""
    return dict.fromkeys(places, "")
