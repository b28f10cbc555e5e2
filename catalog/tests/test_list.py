"""Finding products: filters, orders, pages, facets, and what a list costs."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from catalog.tests.checks import admin, client, partner, problem
from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/products"


def skus(**query: object) -> list[str]:
    answer = client().get(URL, query)
    assert answer.status_code == 200, answer.content
    return [row["sku"] for row in answer.json()["results"]]


@pytest.fixture
def shop():
    home = CategoryFactory(slug="home")
    mugs = CategoryFactory(slug="mugs", parent=CategoryFactory(slug="kitchen", parent=home))
    homeware = CategoryFactory(slug="homeware")
    ProductFactory(sku="A", name="apple", price=Decimal(30), category=home, tags=["gift", "red"])
    ProductFactory(
        sku="B", name="Banana", price=Decimal(20), sale_price=Decimal(5), category=mugs, tags=["gift"], stock=2
    )
    ProductFactory(sku="C", name="cherry", price=Decimal(10), category=homeware, tags=["red"], stock=1)
    ProductFactory(sku="D", name="Date", price=Decimal("7.50"), currency="GBP")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["D", "C", "B", "A"]),
        ({"category": "home"}, ["B", "A"]),
        ({"category": "kitchen"}, ["B"]),
        ({"category": "homeware"}, ["C"]),
        ({"price_min": "10"}, ["C", "A"]),
        ({"price_max": "10"}, ["D", "C", "B"]),
        ({"price_min": "5.00", "price_max": "7.5"}, ["D", "B"]),
        ({"price_max": "10", "currency": "EUR"}, ["C", "B"]),
        ({"tags": "gift"}, ["B", "A"]),
        ({"tags": "gift,red"}, ["A"]),
        ({"tags": "Red, GIFT,"}, ["A"]),
        ({"tags": "unknown"}, []),
        ({"in_stock": "true"}, ["C", "B"]),
        ({"in_stock": "false"}, ["D", "A"]),
        ({"ordering": "price"}, ["B", "D", "C", "A"]),
        ({"ordering": "-price"}, ["A", "C", "D", "B"]),
        ({"ordering": "name"}, ["A", "B", "C", "D"]),
        ({"ordering": "-name"}, ["D", "C", "B", "A"]),
        ({"ordering": "relevance"}, ["D", "C", "B", "A"]),
        ({"ordering": "created_at"}, ["A", "B", "C", "D"]),
        ({"q": "gift", "category": "home", "in_stock": "true", "ordering": "name"}, ["B"]),
        ({"q": "", "category": "", "price_min": ""}, ["D", "C", "B", "A"]),
    ],
)
def test_filters_and_orders(shop, query, found):
    assert skus(**query) == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"category": "unknown"}, "category"),
        ({"price_min": "-1"}, "price_min"),
        ({"price_min": "abc"}, "price_min"),
        ({"price_max": "NaN"}, "price_max"),
        ({"price_max": "1e400"}, "price_max"),
        ({"price_max": "1" * 40}, "price_max"),
        ({"in_stock": "maybe"}, "in_stock"),
        ({"facets": "maybe"}, "facets"),
        ({"ordering": "sku"}, "ordering"),
        ({"tags": "!!!"}, "tags"),
        ({"colour": "blue"}, "colour"),
        ({"page_size": "101"}, "page_size"),
        ({"cursor": "abc"}, "cursor"),
        ({"q": "a\x00"}, "q"),
    ],
)
def test_a_bad_parameter_is_refused_by_name(shop, query, field):
    status, code, fields = problem(client().get(URL, query))
    assert (status, code, set(fields)) == (400, "invalid", {field})


@pytest.mark.parametrize("ordering", ["name", "-name", "price", "-price", "created_at", "-created_at", "relevance"])
def test_pages_show_each_product_once_though_many_cost_the_same(ordering):
    for number in range(7):
        ProductFactory(sku=f"P{number}", name="Same", price=Decimal(10 if number < 5 else 12))
    seen, url = [], f"{URL}?page_size=2&q=same&ordering={ordering}"
    while url:
        body = client().get(url).json()
        seen.append([row["sku"] for row in body["results"]])
        last, url = body, body["next"]
    assert sorted(sku for page in seen for sku in page) == [f"P{number}" for number in range(7)]
    assert [len(page) for page in seen] == [2, 2, 2, 1]
    assert [row["sku"] for row in client().get(last["previous"]).json()["results"]] == seen[-2]


def test_facets_count_all_that_was_found(shop):
    body = client().get(URL, {"facets": "true", "page_size": 1}).json()
    assert body["facets"] == {
        "categories": [
            {"slug": "home", "name": "Home", "path": ["home"], "count": 2},
            {"slug": "kitchen", "name": "Kitchen", "path": ["home", "kitchen"], "count": 1},
            {"slug": "mugs", "name": "Mugs", "path": ["home", "kitchen", "mugs"], "count": 1},
            {"slug": "homeware", "name": "Homeware", "path": ["homeware"], "count": 1},
        ],
        "tags": [{"tag": "gift", "count": 2}, {"tag": "red", "count": 2}],
        "prices": [
            {"currency": "EUR", "from": "5.00", "to": "10.00", "count": 1},
            {"currency": "EUR", "from": "10.00", "to": "20.00", "count": 1},
            {"currency": "EUR", "from": "20.00", "to": "50.00", "count": 1},
            {"currency": "GBP", "from": "5.00", "to": "10.00", "count": 1},
        ],
    }
    assert "facets" not in client().get(URL).json()


def test_facets_follow_the_filters(shop):
    ProductFactory(sku="FREE", price=Decimal(0), tags=["gift"])
    ProductFactory(sku="HIDDEN", tags=["gift"], published=False)
    counted = client().get(URL, {"facets": "true", "q": "gift", "price_max": "4.99"}).json()["facets"]
    assert counted == {
        "categories": [],
        "tags": [{"tag": "gift", "count": 1}],
        "prices": [{"currency": "EUR", "from": "0.00", "to": "0.00", "count": 1}],
    }
    nothing = {"categories": [], "tags": [], "prices": []}
    assert client().get(URL, {"facets": "true", "q": "nothing"}).json()["facets"] == nothing


def test_a_list_costs_at_most_four_statements_authentication_included():
    mugs = CategoryFactory(slug="mugs")
    for _ in range(20):
        product = ProductFactory(category=mugs, tags=["gift"], stock=3)
        ProductImageFactory.create_batch(2, product=product)
    everything = {"q": "product", "category": "mugs", "tags": "gift", "in_stock": "true", "price_min": "1"}
    for caller, query, statements in (
        (client(), {}, 2),
        (client(UserFactory()), {}, 3),
        (admin(), {**everything, "facets": "true"}, 4),
        (partner("catalog:write"), everything, 4),
    ):
        with CaptureQueriesContext(connection) as counted:
            body = caller.get(URL, query).json()
        asked = [query["sql"] for query in counted if "SAVEPOINT" not in query["sql"]]
        assert len(body["results"]) == 20
        assert body["results"][0]["available"] == 3
        assert body["results"][0]["image"]["position"] == 0
        assert len(asked) <= statements, asked


def test_one_product_costs_at_most_four_statements():
    main = ProductFactory(sku="MAIN")
    ProductFactory.create_batch(5, variant_of=main)
    ProductImageFactory.create_batch(5, product=main)
    caller = client(UserFactory())
    with CaptureQueriesContext(connection) as counted:
        assert len(caller.get(f"{URL}/MAIN").json()["variants"]) == 5
    assert len([query for query in counted if "SAVEPOINT" not in query["sql"]]) == 4


def test_a_category_is_found_by_the_index_of_its_path():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT id FROM catalog_category WHERE path LIKE 'home/%'")
        assert "Index Cond" in str(cursor.fetchall())
