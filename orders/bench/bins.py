"""Where in a warehouse things lie."""

from collections.abc import Iterable

from inventory.models import StockLevel


def bins_of(places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """(SKU, warehouse id) → the bin it lies in; empty where shelves have no names. One statement."""
    asked = dict.fromkeys(places, "")
    levels = StockLevel.objects.filter(
        item__sku__in={sku for sku, _ in asked}, warehouse__in={place for _, place in asked}
    )
    named = levels.exclude(bin="").values_list("item__sku", "warehouse_id", "bin")
    return asked | {(sku, place): code for sku, place, code in named if (sku, place) in asked}
