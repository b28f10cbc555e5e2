"""The verbs of the catalogue, and what orders read of it."""

from catalog.querysets import ProductFacts
from catalog.services.categories import CategoryFields, create_category, delete_category, update_category
from catalog.services.fields import ProductFields
from catalog.services.images import ImageFields, add_image, remove_image, update_image
from catalog.services.products import create_product, update_product, withdraw_product
from catalog.services.sellable import sellable

__all__ = [
    "CategoryFields",
    "ImageFields",
    "ProductFacts",
    "ProductFields",
    "add_image",
    "create_category",
    "create_product",
    "delete_category",
    "remove_image",
    "sellable",
    "update_category",
    "update_image",
    "update_product",
    "withdraw_product",
]
