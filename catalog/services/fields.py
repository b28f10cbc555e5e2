"""The fields of a product that people and machines write, checked the same way for all of them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.text import slugify

from api.transactions import constraint_name
from catalog.assortment import Assortment
from catalog.errors import BarcodeTaken, NestedVariant, OutsideAssortment, SkuTaken
from catalog.models import Category, Product
from catalog.services.list_prices import Prices
from kernel.errors import FieldProblem, Invalid, Refused
from kernel.money import CURRENCIES, exponent, is_exact

CHECKED = frozenset({"sku", "name", "price", "sale_price", "tags", "tax_class", "weight_grams", "barcode"})
RESERVED = frozenset({"bulk"})  # products/bulk
CONFLICTS: dict[str, tuple[type[Refused], str]] = {
    "catalog_product_sku_key": (SkuTaken, "sku"),
    "product_barcode_is_unique": (BarcodeTaken, "barcode"),
}


class ProductFields(TypedDict, total=False):
    """What may be written; absent members stay as they are. `category` is a slug, `variant_of` a SKU.

    `prices` are those on the lists of other currencies; `assign` leaves them to `put_prices`.
    """

    name: str
    description: str
    price: Decimal
    sale_price: Decimal | None
    currency: str
    category: str | None
    tags: list[str]
    tax_class: str
    weight_grams: int
    barcode: str
    options: dict[str, str]
    variant_of: str | None
    is_gift_card: bool
    published: bool
    prices: Prices


def assign(product: Product, fields: ProductFields, *, within: Assortment | None = None) -> list[str]:
    """Put the fields into the product (not yet saved) and return the names of those that differ.

    Who was given an assortment names nothing outside it, and leaves the product `within` it. Raises `Invalid` naming
    every unfit field, `OutsideAssortment`, `NestedVariant` where variants would go two levels deep.
    """
    columns = _columns(fields, within)
    before = {name: getattr(product, name) for name in columns}
    for name, value in columns.items():
        setattr(product, name, value)
    if within is not None and not within.holds(product.sku, product.category.slugs if product.category else ()):
        raise OutsideAssortment(field="category" if within.categories else "sku")
    if fields.get("published"):
        product.archived_at = None  # publishing brings a withdrawn product back
    problems = [*_field_problems(product), *_price_problems(product)]
    if problems:
        raise Invalid(f"{problems[0].field}: {problems[0].detail}", problems=problems)
    changed = [name for name, value in before.items() if value != getattr(product, name)]
    if "variant_of" in changed and product.variant_of is not None:
        _check_variant(product, product.variant_of)
    return changed


@contextmanager
def conflicts_named() -> Iterator[None]:
    """Turn a unique constraint that somebody else was first to into the refusal it means."""
    try:
        yield
    except IntegrityError as error:
        name = constraint_name(error) or ""
        if name not in CONFLICTS:
            raise
        refusal, field = CONFLICTS[name]
        raise refusal(field=field) from error


def normal_tags(tags: Iterable[str]) -> list[str]:
    """Tags as they are stored: slugs, each once, in order. Raises `Invalid` where nothing is left of one."""
    slugs = {slugify(tag) for tag in tags}
    if "" in slugs:
        raise Invalid("A tag has letters or digits.", field="tags")
    return sorted(slugs)


def _columns(fields: ProductFields, within: Assortment | None) -> dict[str, Any]:
    """The fields as attributes of the model."""
    values: dict[str, Any] = {name: value for name, value in fields.items() if name != "prices"}
    if "category" in values:
        values["category"] = _category(fields["category"], within)
    if "variant_of" in values:
        values["variant_of"] = _main_product(fields["variant_of"], within)
    if "tags" in values:
        values["tags"] = normal_tags(fields["tags"])
    return values


def _category(slug: str | None, within: Assortment | None) -> Category | None:
    if slug is None:
        return None
    found = Category.objects.in_sight(within).filter(slug=slug).first()
    if found is None:
        raise Invalid("There is no such category.", field="category")
    return found


def _main_product(sku: str | None, within: Assortment | None) -> Product | None:
    """The product to be a variant of, locked: it must not become a variant itself meanwhile."""
    if sku is None:
        return None
    found = Product.objects.select_for_update(no_key=True).given(within).filter(sku=sku).first()
    if found is None:
        raise Invalid("There is no such product.", field="variant_of")
    return found


def _check_variant(product: Product, main: Product) -> None:
    if main.pk == product.pk:
        raise Invalid("A product is no variant of itself.", field="variant_of")
    if main.variant_of_id is not None or (product.pk and product.variants.exists()):
        raise NestedVariant(field="variant_of")


def _field_problems(product: Product) -> Iterator[FieldProblem]:
    if product.sku in RESERVED:
        yield FieldProblem("sku", "invalid", "This word is part of an address and cannot be a SKU.")
    others = {field.name for field in product._meta.fields} - CHECKED
    try:
        product.clean_fields(exclude=others)
    except ValidationError as error:
        for name, errors in error.error_dict.items():
            for found in errors:
                yield FieldProblem(name, found.code or "invalid", found.messages[0])


def _price_problems(product: Product) -> Iterator[FieldProblem]:
    if product.currency not in CURRENCIES:
        yield FieldProblem("currency", "unknown", "An ISO 4217 currency code, such as EUR.")
        return
    amounts: Mapping[str, Any] = {"price": product.price, "sale_price": product.sale_price}
    for name, amount in amounts.items():
        if not isinstance(amount, Decimal):
            continue
        if amount < 0:
            yield FieldProblem(name, "min_value", "Not below 0.")
        elif not is_exact(amount, product.currency):
            places = exponent(product.currency)
            yield FieldProblem(name, "max_decimal_places", f"{product.currency} has {places} decimal places.")
    if product.sale_price is not None and product.price is not None and product.sale_price >= product.price:
        yield FieldProblem("sale_price", "max_value", "Below the price.")
