"""Slugs of categories, for forms of apps that know none of them."""

from catalog.models import Category


def categories() -> list[tuple[str, str]]:
    """Each by its path, so that what lies below what can be seen."""
    rows = Category.objects.order_by("path").values_list("slug", "path")
    return [(slug, path.rstrip("/").replace("/", " › ")) for slug, path in rows]
