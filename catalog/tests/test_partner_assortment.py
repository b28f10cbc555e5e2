"""A partner sees, finds, and keeps what it was given, and nothing says that there is more."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import PartnerFactory, partner_token
from catalog.models import Product
from catalog.tests.checks import Client, client, problem
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture(autouse=True)
def _shop():
    """home > kitchen > mugs, home > bath, garden; a product on sale in each."""
    home = CategoryFactory(slug="home")
    kitchen = CategoryFactory(slug="kitchen", parent=home)
    places = {
        "HOME": home,
        "KITCHEN": kitchen,
        "MUG": CategoryFactory(slug="mugs", parent=kitchen),
        "BATH": CategoryFactory(slug="bath", parent=home),
        "SPADE": CategoryFactory(slug="garden"),
    }
    for sku, category in places.items():
        ProductFactory(sku=sku, category=category, tags=[sku.lower()], stock=5)
    ProductFactory(sku="DRAFT", category=places["MUG"], published=False)
    ProductFactory(sku="LOOSE", category=None)


def caller(*scopes: str, categories=None, skus=None) -> Client:
    partner = PartnerFactory(categories=categories, skus=skus)
    found = Client()
    token = partner_token(partner, scopes=list(scopes) or ["orders:read"])
    found.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return found


def seen(who: Client, query: str = "") -> set[str]:
    answer = who.get(f"{API}products{query}")
    assert answer.status_code == 200, answer.json()
    return {product["sku"] for product in answer.json()["results"]}


def test_a_partner_sees_its_categories_with_all_below_and_its_products():
    assert seen(caller(categories=["kitchen"])) == {"KITCHEN", "MUG"}
    assert seen(caller(skus=["SPADE", "LOOSE"])) == {"SPADE", "LOOSE"}
    assert seen(caller(categories=["mugs"], skus=["SPADE"])) == {"MUG", "SPADE"}
    assert seen(caller(categories=[])) == seen(caller(categories=[], skus=[])) == set()
    everything = {"HOME", "KITCHEN", "MUG", "BATH", "SPADE", "LOOSE"}
    assert seen(caller()) == seen(client()) == everything


def test_what_it_keeps_it_sees_unpublished_too():
    assert seen(caller("catalog:write", categories=["kitchen"])) == {"KITCHEN", "MUG", "DRAFT"}


def test_search_filters_and_facets_look_at_nothing_else():
    who = caller(categories=["kitchen"])
    assert (seen(who, "?q=spade"), seen(who, "?q=mug")) == (set(), {"MUG"})
    assert (seen(who, "?tags=spade"), seen(who, "?price_min=1&in_stock=true")) == (set(), {"KITCHEN", "MUG"})
    assert seen(who, "?category=home") == {"KITCHEN", "MUG"}
    facets = who.get(f"{API}products?facets=true").json()["facets"]
    assert {(each["slug"], each["count"]) for each in facets["categories"]} == {
        *(("home", 2), ("kitchen", 2), ("mugs", 1)),
    }
    assert {each["tag"] for each in facets["tags"]} == {"kitchen", "mug"}
    assert sum(each["count"] for each in facets["prices"]) == 2


def test_a_category_out_of_sight_is_as_one_that_does_not_exist():
    who = caller(categories=["kitchen"])
    hidden, unknown = (who.get(f"{API}products?category={slug}") for slug in ("garden", "nowhere"))
    assert problem(hidden) == problem(unknown) == (400, "invalid", ["category"])
    assert who.get(f"{API}categories/garden").status_code == 404


def test_it_sees_its_branches_of_the_tree():
    def slugs(who: Client) -> set[str]:
        return {each["slug"] for each in who.get(f"{API}categories").json()["results"]}

    assert slugs(caller(categories=["kitchen"])) == {"home", "kitchen", "mugs"}
    assert slugs(caller(skus=["BATH"])) == {"home", "bath"}
    assert slugs(caller(skus=["LOOSE"])) == set()
    assert slugs(caller()) == {"home", "kitchen", "mugs", "bath", "garden"}


def test_tags_are_those_of_its_products():
    def tags(who: Client) -> set[str]:
        return {each["tag"] for each in who.get(f"{API}tags").json()["results"]}

    assert tags(caller(categories=["kitchen"])) == {"kitchen", "mug"}
    assert tags(caller("catalog:write", skus=["SPADE"])) == {"spade"}


def test_a_variant_is_shown_where_it_was_given():
    main = Product.objects.get(sku="MUG")
    ProductFactory(sku="MUG-RED", category=main.category, variant_of=main)
    ProductFactory(sku="MUG-GIFT", category=Product.objects.get(sku="SPADE").category, variant_of=main)
    shown = caller(categories=["kitchen"]).get(f"{API}products/MUG").json()
    assert [each["sku"] for each in shown["variants"]] == ["MUG-RED"]


def test_another_product_is_not_found_by_any_verb():
    who = caller("catalog:write", categories=["kitchen"])
    before = Product.objects.values().get(sku="SPADE")
    answers = (
        who.get(f"{API}products/SPADE"),
        who.patch(f"{API}products/SPADE", {"name": "Mine"}),
        who.delete(f"{API}products/SPADE"),
    )
    assert {answer.status_code for answer in answers} == {404}
    assert Product.objects.values().get(sku="SPADE") == before


def test_it_enters_and_moves_products_within_its_categories_only():
    who = caller("catalog:write", categories=["kitchen"])
    new = {"name": "Cup", "price": "3.00"}
    assert who.post(f"{API}products", new | {"sku": "CUP", "category": "mugs"}).status_code == 201
    for category in ("home", None):
        refused = who.post(f"{API}products", new | {"sku": "OTHER", "category": category})
        assert problem(refused) == (400, "outside_assortment", ["category"])
        assert problem(who.patch(f"{API}products/CUP", {"category": category})) == problem(refused)
    # One that it does not see does not exist for it.
    assert problem(who.patch(f"{API}products/CUP", {"category": "garden"})) == (400, "invalid", ["category"])
    assert problem(who.patch(f"{API}products/CUP", {"variant_of": "SPADE"})) == (400, "invalid", ["variant_of"])
    assert Product.objects.get(sku="CUP").category.slug == "mugs"
    assert not Product.objects.filter(sku="OTHER").exists()


def test_with_single_products_it_changes_these_and_enters_none():
    who = caller("catalog:write", skus=["SPADE"])
    assert who.patch(f"{API}products/SPADE", {"category": None}).status_code == 200
    refused = who.post(f"{API}products", {"sku": "NEW", "name": "New", "price": "1", "category": "garden"})
    assert refused.status_code == 400
    refused = who.post(f"{API}products", {"sku": "NEW", "name": "New", "price": "1"})
    assert problem(refused) == (400, "outside_assortment", ["sku"])
    assert not Product.objects.filter(sku="NEW").exists()


def test_in_bulk_each_item_is_held_to_it():
    items = [
        {"sku": "MUG", "name": "Better mug"},
        {"sku": "SPADE", "name": "Mine", "price": "1.00"},
        {"sku": "CUP", "name": "Cup", "price": "1.00", "category": "mugs"},
        {"sku": "OUT", "name": "Out", "price": "1.00", "category": "home"},
    ]
    who = caller("catalog:write", categories=["kitchen"])
    answer = who.post(f"{API}products/bulk", {"items": items}, HTTP_IDEMPOTENCY_KEY="bulk-of-a-partner").json()
    assert [row["status"] for row in answer["results"]] == ["updated", "refused", "created", "refused"]
    assert {row["problem"]["code"] for row in answer["results"] if row["problem"]} == {"outside_assortment"}
    assert Product.objects.get(sku="SPADE").name == "Product SPADE"
    assert not Product.objects.filter(sku="OUT").exists()


def test_an_assortment_costs_no_statement():
    limited, free = caller(categories=["kitchen"], skus=["SPADE"]), caller()
    for path in ("products", "products?facets=true", "products?category=home", "products/MUG", "categories", "tags"):
        costs = []
        for who in (limited, free):
            who.get(API + path)  # a token's use is noted once a minute
            with CaptureQueriesContext(connection) as captured:
                assert who.get(API + path).status_code == 200
            costs.append(len(captured))
        assert costs[0] == costs[1], path
