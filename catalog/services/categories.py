"""The tree of categories. One writer at a time, so that no two moves can make a ring between them."""

from collections.abc import Iterable
from typing import TypedDict

from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat, Substr
from django.utils.text import slugify

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from catalog.errors import CategoryInItself, CategoryInUse, SlugTaken
from catalog.events import CategoryChanged, CategoryCreated, CategoryDeleted
from catalog.models import Category, is_slug
from kernel.errors import Invalid

MAX_DEPTH = 12


class CategoryFields(TypedDict, total=False):
    """What may be written; absent members stay as they are. `parent` is a slug, None for a root."""

    slug: str
    name: str
    parent: str | None


@verb
def create_category(*, fields: CategoryFields, by: Actor) -> Category:
    """Enter a category; without a slug it gets one from its name. Raises `SlugTaken`, `Invalid`."""
    _lock_tree()
    name = fields.get("name", "").strip()
    category = Category(name=name, slug=fields.get("slug") or slugify(name)[:100])
    category.parent = _find(fields.get("parent"))
    _check_slug(category)
    _place(category)
    category.save(force_insert=True)
    publish(CategoryCreated(category_id=category.pk), by=by)
    return category


@verb
def update_category(*, category_id: int, fields: CategoryFields, by: Actor) -> Category:
    """Rename or move a category; all below it moves along, in one statement.

    Raises `CategoryInItself`, `SlugTaken`, `Invalid`.
    """
    _lock_tree()
    category = Category.objects.get(pk=category_id)
    before = (category.name, category.slug, category.parent_id)
    old_path = category.path
    category.name = fields.get("name", category.name).strip()
    category.slug = fields.get("slug", category.slug)
    if "parent" in fields:
        category.parent = _find(fields["parent"])
    if before == (category.name, category.slug, category.parent_id):
        return category
    if category.parent is not None and category.parent.path.startswith(old_path):
        raise CategoryInItself(field="parent")
    _check_slug(category)
    _place(category)
    below = Category.objects.below(old_path).exclude(pk=category.pk)
    if category.path != old_path:
        _check_depth_below(category, below.values_list("path", flat=True), old_path)
        below.update(path=Concat(Value(category.path), Substr("path", len(old_path) + 1)))
    category.save()
    publish(CategoryChanged(category_id=category.pk), by=by)
    return category


@verb
def delete_category(*, category_id: int, by: Actor) -> None:
    """Remove an empty category. Raises `CategoryInUse` while it has products or subcategories."""
    _lock_tree()
    category = Category.objects.select_for_update().get(pk=category_id)
    if category.children.exists() or category.products.exists():
        raise CategoryInUse()
    publish(CategoryDeleted(category_id=category.pk), by=by)
    category.delete()


def _lock_tree() -> None:
    # Stops other writers of the tree; readers, and products that point into it, go on.
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE catalog_category IN SHARE ROW EXCLUSIVE MODE")


def _find(slug: str | None) -> Category | None:
    if slug is None:
        return None
    found = Category.objects.filter(slug=slug).first()
    if found is None:
        raise Invalid("There is no such category.", field="parent")
    return found


def _check_slug(category: Category) -> None:
    if not category.name:
        raise Invalid("A category has a name.", field="name")
    if is_slug.regex.search(category.slug) is None:  # type: ignore[union-attr]
        raise Invalid(str(is_slug.message), field="slug")
    if Category.objects.filter(slug=category.slug).exclude(pk=category.pk).exists():
        raise SlugTaken(field="slug")


def _place(category: Category) -> None:
    """Set the path from the parent's."""
    above = category.parent.path if category.parent else ""
    category.path = f"{above}{category.slug}/"
    if category.depth >= MAX_DEPTH:
        raise Invalid(f"Categories are at most {MAX_DEPTH} levels deep.", field="parent")


def _check_depth_below(category: Category, paths: Iterable[str], old_path: str) -> None:
    old_depth = old_path.count("/")
    deepest = max((path.count("/") - old_depth for path in paths), default=0)
    if category.depth + deepest >= MAX_DEPTH:
        raise Invalid(f"Categories are at most {MAX_DEPTH} levels deep.", field="parent")
