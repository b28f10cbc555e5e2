import pytest

from api.actors import Actor
from catalog.errors import CategoryInItself, CategoryInUse, SlugTaken
from catalog.models import Category
from catalog.services import create_category, delete_category, update_category
from catalog.services.categories import MAX_DEPTH
from catalog.tests.checks import facts
from catalog.tests.factories import CategoryFactory, ProductFactory
from inventory.tests.checks import refused
from kernel.errors import Invalid

pytestmark = pytest.mark.django_db
ADMIN = Actor.user(7)


@pytest.fixture
def tree():
    """home ─ kitchen ─ mugs, and garden."""
    home = CategoryFactory(slug="home")
    kitchen = CategoryFactory(slug="kitchen", parent=home)
    CategoryFactory(slug="mugs", parent=kitchen)
    CategoryFactory(slug="garden")


def paths() -> list[str]:
    return list(Category.objects.order_by("path").values_list("path", flat=True))


def pk(slug: str) -> int:
    return Category.objects.get(slug=slug).pk


def test_creates_below_its_parent_with_a_slug_from_the_name(tree):
    category = create_category(fields={"name": "Tea & Cups", "parent": "kitchen"}, by=ADMIN)
    assert (category.slug, category.path) == ("tea-cups", "home/kitchen/tea-cups/")
    assert facts("category") == [("CategoryCreated", {"category_id": category.pk})]
    assert category.history.get().actor == "user:7"


def test_moving_takes_all_below_along_in_one_statement(tree, django_assert_num_queries):
    kitchen = pk("kitchen")
    # Beside the move itself: actor, lock, two reads, slug check, depth, the row, the fact.
    with django_assert_num_queries(9):
        update_category(category_id=kitchen, fields={"parent": "garden"}, by=ADMIN)
    assert paths() == ["garden/", "garden/kitchen/", "garden/kitchen/mugs/", "home/"]
    assert Category.objects.get(slug="mugs").history.first().path == "garden/kitchen/mugs/"
    assert facts("category") == [("CategoryChanged", {"category_id": kitchen})]


def test_another_slug_changes_the_paths_below(tree):
    update_category(category_id=pk("home"), fields={"slug": "house", "name": "House"}, by=ADMIN)
    assert paths() == ["garden/", "house/", "house/kitchen/", "house/kitchen/mugs/"]


def test_moving_to_the_root(tree):
    update_category(category_id=pk("kitchen"), fields={"parent": None}, by=ADMIN)
    assert paths() == ["garden/", "home/", "kitchen/", "kitchen/mugs/"]


@pytest.mark.parametrize("below", ["home", "kitchen", "mugs"])
def test_a_category_does_not_lie_below_itself(tree, below):
    with refused(CategoryInItself):
        update_category(category_id=pk("home"), fields={"parent": below}, by=ADMIN)
    assert paths() == ["garden/", "home/", "home/kitchen/", "home/kitchen/mugs/"]
    assert facts("category") == []


def test_nothing_changed_is_no_fact(tree):
    update_category(category_id=pk("home"), fields={"slug": "home", "parent": None}, by=ADMIN)
    assert facts("category") == []


def test_a_taken_or_malformed_slug_and_an_unknown_parent_are_refused(tree):
    with refused(SlugTaken):
        create_category(fields={"name": "Mugs"}, by=ADMIN)
    with refused(SlugTaken):
        update_category(category_id=pk("home"), fields={"slug": "mugs"}, by=ADMIN)
    for fields, field in (
        ({"name": "x", "slug": "A b"}, "slug"),
        ({"name": "カップ"}, "slug"),
        ({"name": "  "}, "name"),
        ({"name": "x", "parent": "unknown"}, "parent"),
    ):
        with refused(Invalid) as refusal:
            create_category(fields=fields, by=ADMIN)
        assert [problem.field for problem in refusal.value.problems] == [field]
    assert len(paths()) == 4


def test_depth_has_a_limit_for_what_is_moved_too():
    for level in range(MAX_DEPTH):
        create_category(fields={"name": f"L{level}", "parent": f"l{level - 1}" if level else None}, by=ADMIN)
    with refused(Invalid):
        create_category(fields={"name": "deeper", "parent": f"l{MAX_DEPTH - 1}"}, by=ADMIN)
    create_category(fields={"name": "Other"}, by=ADMIN)
    with refused(Invalid):
        update_category(category_id=pk("l0"), fields={"parent": "other"}, by=ADMIN)
    update_category(category_id=pk("l1"), fields={"parent": "other"}, by=ADMIN)
    assert Category.objects.get(slug="l11").depth == MAX_DEPTH - 1


def test_only_an_empty_category_is_deleted(tree):
    ProductFactory(category=Category.objects.get(slug="mugs"))
    for slug in ("home", "mugs"):
        with refused(CategoryInUse):
            delete_category(category_id=pk(slug), by=ADMIN)
    garden = pk("garden")
    delete_category(category_id=garden, by=ADMIN)
    assert paths() == ["home/", "home/kitchen/", "home/kitchen/mugs/"]
    assert facts("category") == [("CategoryDeleted", {"category_id": garden})]
    assert [row.history_type for row in Category.history.filter(id=garden)] == ["-", "+"]
