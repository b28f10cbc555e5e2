"""What runs low, as the people of a warehouse are told."""

from typing import Any

from accounts.models import User
from catalog.models import Product
from inventory.models import StockLevel
from notifications import links

SHOWN = 50


def low_stock_values(user: User) -> dict[str, Any]:
    """What is low where this person works, what ran low last first. Nothing in it once all is refilled."""
    low = StockLevel.objects.visible_to(user).selling().filter(low_since__isnull=False).low()
    levels = list(low.with_codes().select_related("warehouse").order_by("-low_since", "id")[: SHOWN + 1])
    skus = [level.sku for level in levels]  # type: ignore[attr-defined]
    names = dict(Product.objects.filter(sku__in=skus).values_list("sku", "name"))
    return {
        "levels": [
            {
                "sku": level.sku,  # type: ignore[attr-defined]
                "name": names.get(level.sku, ""),  # type: ignore[attr-defined]
                "warehouse": level.warehouse.name,
                "available": str(level.available),
                "incoming": str(level.incoming) if level.incoming else "",  # type: ignore[attr-defined]
            }
            for level in levels[:SHOWN]
        ],
        "more": len(levels) > SHOWN,
        "link": links.low_stock_link(),
    }
