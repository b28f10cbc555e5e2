"""Products for tests, each in one call."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import factory
from factory.django import DjangoModelFactory
from PIL import Image

from catalog.models import Category, Product, ProductImage
from inventory.services import item_for
from inventory.tests.factories import stock as put_in_stock


class CategoryFactory(DjangoModelFactory[Category]):
    """A root, or a subcategory of `parent`."""

    class Meta:
        model = Category

    slug = factory.Sequence(lambda n: f"category-{n}")
    name = factory.LazyAttribute(lambda category: category.slug.replace("-", " ").capitalize())
    parent = None
    path = factory.LazyAttribute(lambda category: f"{category.parent.path if category.parent else ''}{category.slug}/")


class ProductFactory(DjangoModelFactory[Product]):
    """A product on sale for 10.00 EUR, with its item. `stock=5` puts five units in the first warehouse."""

    class Meta:
        model = Product
        skip_postgeneration_save = True

    sku = factory.Sequence(lambda n: f"P-{n}")
    name = factory.LazyAttribute(lambda product: f"Product {product.sku}")
    price = Decimal("10.00")
    currency = "EUR"
    published = True
    item = factory.LazyAttribute(lambda product: item_for(product.sku))

    @factory.post_generation
    def stock(self: Any, create: bool, extracted: int | None, **kwargs: Any) -> None:
        if create and extracted:
            put_in_stock(self.sku, extracted)


class ProductImageFactory(DjangoModelFactory[ProductImage]):
    """A picture's row; there is no file behind it."""

    class Meta:
        model = ProductImage

    product = factory.SubFactory(ProductFactory)
    file = factory.Sequence(lambda n: f"products/{n}.jpg")
    width = 100
    height = 100


def picture(width: int = 40, height: int = 30, kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of a plain blue picture."""
    out = BytesIO()
    Image.new("RGB", (width, height), (10, 20, 200)).save(out, kind, **options)
    return out.getvalue()
