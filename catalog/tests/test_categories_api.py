import pytest

from accounts.tests.factories import UserFactory
from catalog.models import Category
from catalog.tests.checks import admin, client, partner, problem
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/categories"


@pytest.fixture
def tree():
    home = CategoryFactory(slug="home")
    CategoryFactory(slug="mugs", parent=home)


def test_all_read_the_tree_from_the_top(tree):
    body = client().get(URL).json()
    assert body == {
        "results": [
            {"slug": "home", "name": "Home", "parent": None, "path": ["home"]},
            {"slug": "mugs", "name": "Mugs", "parent": "home", "path": ["home", "mugs"]},
        ],
        "next": None,
        "previous": None,
    }
    assert [row["slug"] for row in client().get(URL, {"parent": "home"}).json()["results"]] == ["mugs"]
    assert client().get(f"{URL}/mugs").json() == body["results"][1]
    assert client().get(f"{URL}/unknown").status_code == 404


def test_an_admin_enters_moves_and_removes(tree):
    caller = admin()
    made = caller.post(URL, {"name": "Tea cups", "parent": "home"})
    assert (made.status_code, made.json()["path"]) == (201, ["home", "tea-cups"])
    moved = caller.patch(f"{URL}/tea-cups", {"parent": None, "slug": "cups"})
    assert moved.json() == {"slug": "cups", "name": "Tea cups", "parent": None, "path": ["cups"]}
    assert caller.delete(f"{URL}/cups").status_code == 204
    assert Category.objects.count() == 2


def test_refusals_name_the_field(tree):
    caller = admin()
    for body, refusal in (
        ({}, (400, "required", ["name"])),
        ({"name": "a\x00"}, (400, "invalid", ["name"])),
        ({"name": "x", "slug": "A B"}, (400, "invalid", ["slug"])),
        ({"name": "x", "parent": "unknown"}, (400, "invalid", ["parent"])),
        ({"name": "Mugs"}, (409, "slug_taken", ["slug"])),
    ):
        assert problem(caller.post(URL, body)) == refusal
    assert problem(caller.patch(f"{URL}/home", {"parent": "mugs"})) == (409, "category_in_itself", ["parent"])
    assert problem(caller.delete(f"{URL}/home")) == (409, "category_in_use", [])
    assert problem(caller.delete(f"{URL}/unknown"))[0] == 404
    assert Category.objects.count() == 2


def test_only_admins_write(tree):
    for caller, status in (
        (client(), 401),
        (client(UserFactory()), 403),
        (client(UserFactory(warehouse=True)), 403),
        (partner("catalog:write"), 403),
    ):
        assert caller.post(URL, {"name": "x"}).status_code == status
        assert caller.patch(f"{URL}/home", {"name": "x"}).status_code == status
        assert caller.delete(f"{URL}/home").status_code == status


def test_tags_of_what_is_on_sale_the_most_used_first():
    ProductFactory(tags=["blue", "gift"])
    ProductFactory(tags=["gift"])
    ProductFactory(tags=["hidden"], published=False)
    body = client().get("/api/v1/tags").json()
    both = [{"tag": "gift", "count": 2}, {"tag": "blue", "count": 1}]
    assert body == {"results": both, "next": None, "previous": None}
    assert client().get("/api/v1/tags", {"q": "B"}).json()["results"] == both[1:]
    assert problem(client().get("/api/v1/tags", {"x": "1"})) == (400, "invalid", ["x"])
