"""What the API says about products, from plain rows: a list of them is the busiest answer of the shop."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import F, OuterRef, Subquery, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, JSONObject

from catalog.models import ListPrice, Product, ProductImage
from catalog.querysets import ProductQuerySet
from inventory.backorders.availability import supply_of
from kernel.money import format_amount

Row = Mapping[str, Any]
# From a file's name in the storage to its address for this caller.
Address = Callable[[str], str]

SUMMARY = [
    "id",
    "sku",
    "name",
    "price",
    "sale_price",
    "asked_price",
    "currency",
    "category__slug",
    "category__path",
    "tags",
    "options",
    "variant_of__sku",
    "published",
    "archived_at",
    "created_at",
    "sort_name",
    "available",
    "item__waiting",
    "item__backorder_limit",
    "item__available_from",
    "item__expected_on",
    "picture",
]
WHOLE = [*SUMMARY, "description", "tax_class", "weight_grams", "barcode", "is_gift_card", "version", "updated_at"]
# Columns that PostgreSQL hands over as JSON text.
DOCUMENTS = ("options", "picture")
AMOUNTS = ("price", "sale_price")
SUPPLY = ("available", "availability", "promised_at")
PICTURE = ("id", "file", "thumbnail", "alt", "position", "width", "height")


def summaries(products: ProductQuerySet, *extra: str, caller: object = None) -> Any:
    """The rows of a list, with the stock that the caller sees and the first picture, in one statement."""
    return with_picture(products.with_available(caller)).values(*SUMMARY, *extra)


def page_rows(ids: Sequence[int]) -> list[Row]:
    """The rows of a page for whoever sees all stock, in the order of its ids, in one statement that was put together
    once a process.

    Putting it together costs several times what it takes to run, and a list of products is asked for all day.
    """
    sql, before = _page_sql()
    with connection.cursor() as cursor:
        cursor.execute(sql, [*before, list(ids)])
        found = {values[0]: dict(zip(SUMMARY, values, strict=True)) for values in cursor.fetchall()}
    for row in found.values():
        for name in DOCUMENTS:
            row[name] = orjson.loads(row[name]) if row[name] else None
    return [found[product_id] for product_id in ids if product_id in found]


@cache
def _page_sql() -> tuple[str, tuple[Any, ...]]:
    """The statement of `summaries` for an array of ids, and its parameters before that."""
    ids = RawSQL("SELECT unnest(%s::bigint[])", [[]])
    sql, params = summaries(Product.objects.filter(pk__in=ids)).order_by().query.sql_with_params()
    return sql, params[:-1]


def whole(products: ProductQuerySet, sku: str, caller: object) -> Row | None:
    """The row of one product, with its prices on the lists of the other currencies that are sold in."""
    columns = {"currency": F("price_list__currency")} | {name: Cast(name, TextField()) for name in AMOUNTS}
    listed = ListPrice.objects.filter(product=OuterRef("pk"), price_list__active=True).order_by("price_list__currency")
    found = (
        products.filter(sku=sku)
        .with_available(caller)
        .annotate(prices=ArraySubquery(listed.values_list(JSONObject(**columns))))
    )
    row: Row | None = with_picture(found).values(*WHOLE, "prices").first()
    return row


def with_picture(products: ProductQuerySet) -> Any:
    """Each product with `picture`, the columns of its first one or None."""
    pictures = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "id")
    columns = JSONObject(**{name: F(name) for name in PICTURE})
    return products.annotate(picture=Subquery(pictures.values_list(columns)[:1]))


def summary_body(row: Row, address: Address) -> dict[str, Any]:
    """One product of a list."""
    return {
        "sku": row["sku"],
        "name": row["name"],
        **_prices(row),
        "category": row["category__slug"],
        "category_path": _slugs(row["category__path"]),
        "tags": row["tags"],
        "options": row["options"],
        "variant_of": row["variant_of__sku"],
        **_supply(row),
        "image": picture_body(row["picture"], address) if row["picture"] else None,
        "published": row["published"],
        "archived_at": row["archived_at"],
        "created_at": row["created_at"],
    }


def whole_body(row: Row, products: ProductQuerySet, address: Address, caller: object) -> dict[str, Any]:
    """One product with its pictures, and those of its variants that are among `products`."""
    pictures = ProductImage.objects.filter(product=row["id"]).values(*PICTURE)
    return summary_body(row, address) | {
        "description": row["description"],
        "tax_class": row["tax_class"],
        "weight_grams": row["weight_grams"],
        "barcode": row["barcode"],
        "is_gift_card": row["is_gift_card"],
        "images": [picture_body(picture, address) for picture in pictures],
        "variants": [] if row["variant_of__sku"] else _variants(row["id"], products, address, caller),
        "prices": [_list_price(price) for price in row["prices"]],
        "version": row["version"],
        "updated_at": row["updated_at"],
    }


def picture_body(picture: Row, address: Address) -> dict[str, Any]:
    thumbnail = picture["thumbnail"]
    return {name: picture[name] for name in ("id", "alt", "position", "width", "height")} | {
        "url": address(picture["file"]),
        "thumbnail_url": address(thumbnail) if thumbnail else None,
    }


def address_in(build_absolute_uri: Callable[[str], str]) -> Address:
    """Where the files of the storage are found: a signed link of the bucket, or a path of this site."""
    return lambda name: build_absolute_uri(default_storage.url(name))


def _variants(product_id: int, products: ProductQuerySet, address: Address, caller: object) -> list[dict[str, Any]]:
    rows = summaries(products.filter(variant_of=product_id, archived_at=None).order_by("id"), caller=caller)
    kept = ("sku", "name", "options", "price", "sale_price", "currency", *SUPPLY, "image", "published")
    bodies = (summary_body(row, address) for row in rows)
    return [{name: body[name] for name in kept} for body in bodies]


def _prices(row: Row) -> dict[str, Any]:
    currency = row["currency"]
    sale_price = row["asked_price"] if row["asked_price"] < row["price"] else None
    return {
        "price": format_amount(row["price"], currency),
        "sale_price": None if sale_price is None else format_amount(sale_price, currency),
        "currency": currency,
    }


def _list_price(price: Row) -> dict[str, Any]:
    currency = price["currency"]
    shown = {name: price[name] and format_amount(Decimal(price[name]), currency) for name in AMOUNTS}
    return {"currency": currency, **shown}


def _slugs(path: str | None) -> list[str]:
    return path.rstrip("/").split("/") if path else []


def _supply(row: Row) -> dict[str, Any]:
    """How many can be delivered now, and how one unit would be sold."""
    supply = supply_of(
        available=row["available"],
        waiting=row["item__waiting"],
        limit=row["item__backorder_limit"],
        available_from=row["item__available_from"],
        expected_on=row["item__expected_on"],
    )
    return {
        "available": min(supply.there, settings.SHOP_AVAILABLE_CAP),
        "availability": supply.availability(),
        "promised_at": supply.promised_on(),
    }
