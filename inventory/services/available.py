"""What can be sold."""

from collections.abc import Iterable

from django.db.models import Sum

from inventory.models import StockLevel


def stock_for(skus: Iterable[str], *, own: frozenset[str] | None = None) -> dict[str, int]:
    """SKU → units available over the active warehouses, of those with the codes `own` where given; 0 for what nobody
    has. One statement.
    """
    asked = list(skus)
    found = (
        StockLevel.objects.selling()
        .lying_in(own)
        .filter(item__sku__in=asked, available__gt=0)
        .values_list("item__sku")
        .annotate(units=Sum("available"))
    )
    return dict.fromkeys(asked, 0) | dict(found)
