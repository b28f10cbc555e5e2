"""How the catalogue looks in the back office."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Category, Product
from inventory.querysets import LevelQuerySet
from kernel.money import format_amount

ON_SALE, HIDDEN, WITHDRAWN = "on sale", "hidden", "withdrawn"
COLOURS = {ON_SALE: "success", HIDDEN: "warning", WITHDRAWN: "danger"}
NOTHING = mark_safe("&ndash;")
FRAME = "width:{}px;height:{}px;object-fit:cover"


def status(product: Product) -> str:
    """`on sale`, `hidden` or `withdrawn`."""
    if product.archived_at is not None:
        return WITHDRAWN
    return ON_SALE if product.published else HIDDEN


def status_word(product: Product) -> SafeString:
    """The status in its colour, where unfold does not colour it."""
    return word(status(product), COLOURS)


def word(text: str, colours: Mapping[str, str]) -> SafeString:
    """A word in its colour."""
    label: SafeString = render_to_string("unfold/helpers/label.html", {"text": text, "type": colours[text]})
    return label


def product_link(product: Product) -> SafeString:
    page = reverse("admin:catalog_product_change", args=(product.pk,))
    return format_html('<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>', page, product.sku)


def thumbnail(picture: Mapping[str, Any] | None, *, side: int = 40) -> SafeString:
    """The small picture, or a grey square where there is none."""
    style = FRAME.format(side, side)
    if not picture:
        return format_html('<span class="block rounded-default bg-base-100 dark:bg-base-800" style="{}"></span>', style)
    address = default_storage.url(picture["thumbnail"] or picture["file"])
    return format_html(
        '<img src="{}" alt="{}" class="rounded-default" style="{}" loading="lazy">', address, picture["alt"], style
    )


def price(product: Product) -> SafeString:
    """What is asked now, with its currency; the price it was before struck out beside it."""
    reduced = product.asked_price if product.asked_price < product.price else None
    return amounts(product.price, reduced, product.currency)


def amounts(price: Decimal, reduced: Decimal | None, currency: str) -> SafeString:
    """A price, or the reduced one with the price struck out beside it."""
    regular = format_amount(price, currency)
    if reduced is None:
        return format_html('<span style="white-space:nowrap">{} {}</span>', regular, currency)
    return format_html(
        '<span style="white-space:nowrap"><strong>{}</strong> {} <s class="text-base-500">{}</s></span>',
        format_amount(reduced, currency),
        currency,
        regular,
    )


def tags(product: Product) -> SafeString:
    return joined(product.tags)


def options(product: Product) -> SafeString:
    return joined(f"{name}: {text}" for name, text in product.options.items())


def joined(texts: Any) -> SafeString:
    return format_html_join(", ", "{}", ((text,) for text in texts)) or NOTHING


def indented(category: Category) -> SafeString:
    """The name, further in the deeper it lies."""
    return format_html('<span style="padding-left:{}rem">{}</span>', f"{1.5 * category.depth:g}", category.name)


def stock_table(levels: LevelQuerySet) -> SafeString:
    """What lies where, of these levels. One statement."""
    found = levels.select_related("warehouse").order_by("warehouse__priority")
    rows = [(level.warehouse.name, level.on_hand, level.reserved, level.safety, level.available) for level in found]
    if not rows:
        return format_html("{}", "Nothing has been received yet. Adjust or receive stock under Stock › Levels.")
    cell = '<td class="pr-6 py-1" style="font-variant-numeric:tabular-nums">{}</td>'
    heads = format_html_join(
        "",
        '<th class="pr-6 py-1 text-left font-medium">{}</th>',
        ((head,) for head in ("Warehouse", "On hand", "Reserved", "Safety", "Available")),
    )
    lines = format_html_join("", f"<tr>{cell * 5}</tr>", rows)
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", heads, lines)
