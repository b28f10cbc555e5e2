"""What orders ask of the catalogue."""

from collections.abc import Iterable

from catalog.models import Product
from catalog.querysets import ProductFacts


def sellable(skus: Iterable[str], currency: str) -> dict[str, ProductFacts]:
    """SKU → what an order copies of the product, in one statement. What is not on sale is absent; what has no price
    in the currency comes with its own.
    """
    return Product.objects.facts(skus, currency)
