"""What can be had of a product, for who sees the stock of some warehouses only."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import PartnerFactory, UserFactory, client_for, partner_client
from catalog.models import Product
from catalog.tests.factories import CategoryFactory, ProductFactory
from inventory.models import Warehouse
from inventory.tests.factories import WarehouseFactory, stock

pytestmark = pytest.mark.django_db
URL = "/api/v1/products"
EVERYTHING = {"MUG": 7, "CUP": 5, "POT": 4, "JAR": 0}
NEARBY = {"MUG": 3, "CUP": 0, "POT": 4, "JAR": 0}


@pytest.fixture(autouse=True)
def _shop() -> None:
    """MUG lies in both, CUP far away, POT nearby, JAR nowhere; what lies in a closed warehouse is not sold."""
    near, far = WarehouseFactory(code="NEAR", name="Nearby"), WarehouseFactory(code="FAR", name="Far away")
    shut = WarehouseFactory(code="SHUT", active=False)
    kitchen = CategoryFactory(slug="kitchen")
    for sku in EVERYTHING:
        ProductFactory(sku=sku, category=kitchen)
    for sku, there in {"MUG": {near: 3, far: 4}, "CUP": {far: 5}, "POT": {near: 4}, "JAR": {shut: 9}}.items():
        for warehouse, units in there.items():
            stock(sku, units, warehouse=warehouse)


def partner(*codes: str) -> APIClient:
    return partner_client(PartnerFactory(warehouses=list(codes)))


def person(*codes: str, role: str = "warehouse") -> APIClient:
    return client_for(UserFactory(role=role, warehouses=list(codes)))


CALLERS = {
    "partner with a list": (lambda: partner("NEAR"), NEARBY),
    "partner of a closed one too": (lambda: partner("NEAR", "SHUT"), NEARBY),
    "partner of both": (lambda: partner("NEAR", "FAR"), EVERYTHING),
    "partner with an empty list": (partner, dict.fromkeys(EVERYTHING, 0)),
    "partner with null": (lambda: partner_client(PartnerFactory(warehouses=None)), EVERYTHING),
    "limited person": (lambda: person("NEAR"), NEARBY),
    "unlimited person": (person, EVERYTHING),
    "admin, whom a list does not limit": (lambda: person("NEAR", role="admin"), EVERYTHING),
    "customer": (lambda: person(role="customer"), EVERYTHING),
    "guest": (APIClient, EVERYTHING),
}


def shown(client: APIClient, **query: str) -> dict[str, int]:
    answer = client.get(URL, query)
    assert answer.status_code == 200, answer.content
    return {row["sku"]: row["available"] for row in answer.json()["results"]}


@pytest.mark.parametrize("caller", CALLERS)
def test_available_counts_the_warehouses_that_the_caller_sees(caller: str) -> None:
    make, expected = CALLERS[caller]
    client = make()
    queries: list[dict[str, str]] = [{}, {"facets": "true"}, {"category": "kitchen"}, {"q": "product"}]
    assert [shown(client, **query) for query in queries] == [expected] * 4
    single = {sku: client.get(f"{URL}/{sku}").json()["available"] for sku in EVERYTHING}
    assert single == expected


@pytest.mark.parametrize("caller", CALLERS)
def test_in_stock_finds_what_lies_where_the_caller_sees_it(caller: str) -> None:
    make, expected = CALLERS[caller]
    client = make()
    there = {sku for sku, units in expected.items() if units}
    assert set(shown(client, in_stock="true")) == there
    assert set(shown(client, in_stock="false")) == set(EVERYTHING) - there
    facets = client.get(URL, {"in_stock": "true", "facets": "true"}).json()["facets"]
    assert sum(price["count"] for price in facets["prices"]) == len(there)


@pytest.mark.parametrize("caller", CALLERS)
def test_variants_count_so_too(caller: str) -> None:
    make, expected = CALLERS[caller]
    Product.objects.filter(sku__in=["MUG", "CUP"]).update(variant_of=Product.objects.get(sku="JAR"))
    variants = make().get(f"{URL}/JAR").json()["variants"]
    assert {row["sku"]: row["available"] for row in variants} == {sku: expected[sku] for sku in ("MUG", "CUP")}


def test_pages_follow_each_other_for_the_limited_as_for_the_others() -> None:
    found = []
    for client in (partner("NEAR"), APIClient()):
        pages, url = [], f"{URL}?page_size=3&ordering=name"
        while url:
            answer = client.get(url).json()
            pages.append([row["sku"] for row in answer["results"]])
            url = answer["next"]
        found.append(pages)
    assert found[0] == found[1] == [["CUP", "JAR", "MUG"], ["POT"]]


def test_a_tag_of_one_answer_does_not_vouch_for_another() -> None:
    near, everybody = partner("NEAR"), APIClient()
    tag = everybody.get(f"{URL}/MUG").headers["ETag"]
    assert everybody.get(f"{URL}/MUG", headers={"If-None-Match": tag}).status_code == 304
    assert near.get(f"{URL}/MUG", headers={"If-None-Match": tag}).status_code == 200


def cost(client: APIClient, query: str) -> int:
    client.get(f"{URL}{query}")
    with CaptureQueriesContext(connection) as captured:
        client.get(f"{URL}{query}")
    return len(captured)


@pytest.mark.parametrize("query", ["", "?facets=true", "?in_stock=true", "?q=product&category=kitchen", "/MUG"])
def test_a_page_costs_the_limited_no_more_however_long_it_is(query: str) -> None:
    limited, free = partner("NEAR"), partner_client(PartnerFactory(warehouses=None))
    before = cost(limited, query)
    assert before <= cost(free, query)
    for number in range(20):
        ProductFactory(sku=f"NEW-{number}", stock=1)
    assert cost(limited, query) == before


def browser(*codes: str, role: str = "warehouse") -> Client:
    client = Client()
    client.force_login(UserFactory(role=role, warehouses=list(codes)))
    return client


OFFICE = {
    "limited": (["NEAR"], "warehouse", NEARBY),
    "unlimited": ([], "warehouse", EVERYTHING),
    "admin": (["NEAR"], "admin", EVERYTHING),
}


@pytest.mark.parametrize("who", OFFICE)
def test_the_back_office_lists_what_the_person_sees(who: str) -> None:
    codes, role, expected = OFFICE[who]
    client, url = browser(*codes, role=role), reverse("admin:catalog_product_changelist")
    listed = client.get(url).context["cl"].result_list
    assert {product.sku: product.available for product in listed} == expected
    there = {product.sku for product in client.get(url, {"stock": "in"}).context["cl"].result_list}
    assert there == {sku for sku, units in expected.items() if units}


@pytest.mark.parametrize("who", OFFICE)
def test_the_page_of_a_product_shows_the_stock_that_the_person_sees(who: str) -> None:
    codes, role, expected = OFFICE[who]
    client = browser(*codes, role=role)
    page, far = (_page(client, sku) for sku in ("MUG", "CUP"))
    assert "Nearby" in page
    sees_far = expected is EVERYTHING
    assert [("Far away" in text) for text in (page, far)] == [sees_far, sees_far]
    assert ("Nothing has been received" in far) is not sees_far


def _page(client: Client, sku: str) -> str:
    url = reverse("admin:catalog_product_change", args=(Product.objects.get(sku=sku).pk,))
    return client.get(url).content.decode()


def test_the_page_of_a_product_costs_the_limited_no_more() -> None:
    costs: list[Any] = []
    for client in (browser("NEAR"), browser()):
        _page(client, "MUG")
        with CaptureQueriesContext(connection) as captured:
            _page(client, "MUG")
        costs.append(len(captured))
    assert costs[0] <= costs[1]
    assert Warehouse.objects.count() == 3


def stock_of(client: APIClient, query: str = "") -> set[str]:
    return {row["sku"] for row in client.get(f"/api/v1/stock{query}").json()["results"]}


def test_a_partner_sees_stock_of_the_products_it_was_given() -> None:
    CategoryFactory(slug="empty")
    given = partner_client(PartnerFactory(skus=["MUG", "CUP"], warehouses=["NEAR", "FAR"]))
    assert (stock_of(given), stock_of(given, "?sku=POT"), stock_of(given, "?warehouse=NEAR")) == (
        *({"MUG", "CUP"}, set(), {"MUG"}),
    )
    assert stock_of(partner_client(PartnerFactory(categories=["kitchen"], skus=[]))) == set(EVERYTHING)
    assert stock_of(partner_client(PartnerFactory(categories=["empty"]))) == set()
    assert stock_of(partner_client()) == stock_of(person("NEAR", "FAR", "SHUT")) == set(EVERYTHING)


def test_an_item_that_a_partner_was_not_given_is_explained_as_one_that_does_not_exist() -> None:
    given = partner_client(PartnerFactory(skus=["MUG"], warehouses=["NEAR"]))
    answers = [given.get(f"/api/v1/stock/{sku}/explain") for sku in ("MUG", "POT", "NOPE")]
    assert [answer.status_code for answer in answers] == [200, 404, 404]
    said = [
        answer.json()["detail"].replace(sku, "SKU") for answer, sku in zip(answers[1:], ("POT", "NOPE"), strict=True)
    ]
    assert said[0] == said[1]
    free = partner_client(PartnerFactory(warehouses=["NEAR"]))
    assert [free.get(f"/api/v1/stock/{sku}/explain").status_code for sku in ("POT", "CUP")] == [200, 200]
