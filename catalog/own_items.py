"""The items of stock behind what somebody was given, for the app below, which knows no products."""

from typing import Any

from django.db.models import QuerySet

from catalog.assortment import assortment_of
from catalog.models import Product


def items_of(caller: Any) -> QuerySet[Any, Any] | None:
    """Ids of the items of stock behind the products that the caller was given; None: all."""
    given = assortment_of(caller)
    if given is None:
        return None
    items: QuerySet[Any, Any] = Product.objects.given(given).order_by().values("item")
    return items
