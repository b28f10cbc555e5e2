"""What is sold, what it costs, and what makes it cheaper."""

from catalog.models.discount import Discount, DiscountRule
from catalog.models.price_list import ListPrice, PriceList
from catalog.models.product import (
    MAX_WEIGHT_GRAMS,
    SKU,
    SLUG,
    Category,
    Product,
    ProductImage,
    is_sku,
    is_slug,
    place_for,
    shop_currency,
)
from catalog.stock_requests.models import StockRequest
from catalog.terms_version import TermsVersion

__all__ = [
    "MAX_WEIGHT_GRAMS",
    "SKU",
    "SLUG",
    "Category",
    "Discount",
    "DiscountRule",
    "ListPrice",
    "PriceList",
    "Product",
    "ProductImage",
    "StockRequest",
    "TermsVersion",
    "is_sku",
    "is_slug",
    "place_for",
    "shop_currency",
]
