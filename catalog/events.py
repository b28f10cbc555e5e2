"""What happens to the catalogue."""

from dataclasses import dataclass
from typing import ClassVar

from audit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductEvent(Event):
    aggregate: ClassVar[str] = "product"
    key: ClassVar[str] = "product_id"

    product_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCreated(ProductEvent):
    """A product was entered; whether it is on sale is for the product to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChanged(ProductEvent):
    """Something about the product, now of this version, is different."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductWithdrawn(ProductEvent):
    """The product is no longer sold; its SKU stays taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductImageAdded(ProductEvent):
    image_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductImageChanged(ProductEvent):
    image_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductImageRemoved(ProductEvent):
    image_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryEvent(Event):
    aggregate: ClassVar[str] = "category"
    key: ClassVar[str] = "category_id"

    category_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCreated(CategoryEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryChanged(CategoryEvent):
    """Its name, slug or place is different; with the place, that of everything below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDeleted(CategoryEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountRuleChanged(Event):
    """A rule came, changed or went: what products cost in lists may be different."""

    aggregate: ClassVar[str] = "discount_rule"
    key: ClassVar[str] = "rule_id"

    rule_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackInStock(Event):
    """What somebody asked to be told about can be had again."""

    aggregate: ClassVar[str] = "stock_request"
    key: ClassVar[str] = "request_id"

    request_id: int
