"""What orders ask of the catalogue."""

from collections.abc import Iterable

from catalog.assortment import Assortment
from catalog.models import Product
from catalog.querysets import ProductFacts


def sellable(skus: Iterable[str], currency: str, *, given: Assortment | None = None) -> dict[str, ProductFacts]:
    """SKU → what an order copies of the product, in one statement. What is not on sale, or not `given`, is absent;
    what has no price in the currency comes with its own.
    """
    return Product.objects.given(given).facts(skus, currency)
