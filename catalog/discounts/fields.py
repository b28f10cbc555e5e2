"""The fields of a discount as people and machines write and read them: categories by slug, tags as slugs."""

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.models import Category, Discount
from catalog.services.fields import normal_tags
from kernel.errors import Invalid

# Written and read as they are stored.
PLAIN = (
    *("name", "active", "starts_at", "ends_at", "percent", "amount", "currency", "skus"),
    *("buy_quantity", "get_quantity", "get_skus", "max_times"),
)
CATEGORIES = {"categories": "category_ids", "get_categories": "get_category_ids"}
TAGS = ("tags", "get_tags")


def assign(discount: Discount, fields: Mapping[str, Any], *, own: Iterable[str]) -> None:
    """Put the fields that are given into a discount; `own` names those of its kind of table beside the common ones.

    Raises `Invalid` for a category that is not there.
    """
    for name in (*PLAIN, *own):
        if name in fields:
            value = fields[name]
            setattr(discount, name, sorted(set(value)) if name in {"skus", "get_skus", "groups"} else value)
    for name, column in CATEGORIES.items():
        if name in fields:
            setattr(discount, column, _ids(fields[name], name))
    for name in TAGS:
        if name in fields:
            setattr(discount, name, normal_tags(fields[name]))
    discount.name = discount.name.strip()


def _ids(slugs: Iterable[str], field: str) -> list[int]:
    found = dict(Category.objects.filter(slug__in=list(slugs)).values_list("slug", "pk"))
    for slug in slugs:
        if slug not in found:
            raise Invalid(f"There is no category {slug}.", field=field)
    return sorted(set(found.values()))


def shown(discounts: Iterable[Discount]) -> list[dict[str, Any]]:
    """What discounts have in common, each with the slugs of its categories, in one statement for all of them."""
    found = list(discounts)
    ids = {pk for each in found for column in CATEGORIES.values() for pk in getattr(each, column)}
    slugs = dict(Category.objects.filter(pk__in=ids).values_list("pk", "slug")) if ids else {}
    return [_shown(each, slugs) for each in found]


def _shown(discount: Any, slugs: Mapping[int, str]) -> dict[str, Any]:
    categories = {
        name: [slugs[pk] for pk in getattr(discount, column) if pk in slugs] for name, column in CATEGORIES.items()
    }
    return {
        "id": discount.pk,
        "kind": discount.kind,
        **{name: getattr(discount, name) for name in (*PLAIN, *TAGS)},
        **categories,
        "version": discount.version,
    }
