import pytest
from django.db import connection

from accounts.tests.factories import client_for
from catalog.models import Product
from catalog.tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def goods():
    ProductFactory(sku="MUG-BLUE-01", name="Blue mug", tags=["gift", "tea-time"], barcode="4006381333931")
    ProductFactory(sku="85123A", name="RED/WHITE HEART T-Light holder", description="For those who love boxes.")
    ProductFactory(sku="CLOCK", name="Küchenuhr", description="Blue hands")


def found(text: str) -> list[str]:
    answer = client_for().get("/api/v1/products", {"q": text})
    assert answer.status_code == 200, answer.content
    return [product["sku"] for product in answer.json()["results"]]


@pytest.mark.parametrize(
    ("text", "skus"),
    [
        ("blu", ["MUG-BLUE-01", "CLOCK"]),  # the beginning of a word; the name weighs more than the description
        ("mugs", ["MUG-BLUE-01"]),  # another form of the word
        ("mug blue", ["MUG-BLUE-01"]),  # every word, in any order
        ("mug red", []),
        ("MUG-BLUE-01", ["MUG-BLUE-01"]),
        ("mug-blue-0", ["MUG-BLUE-01"]),
        ("85123", ["85123A"]),
        ("4006381333931", ["MUG-BLUE-01"]),
        ("white", ["85123A"]),
        ("red/white", ["85123A"]),
        ("t-light", ["85123A"]),
        ("box", ["85123A"]),
        ("tea-time", ["MUG-BLUE-01"]),
        ("gift", ["MUG-BLUE-01"]),
        ("küch", ["CLOCK"]),
        ("KÜCHENUHR", ["CLOCK"]),
        ("blue:*", ["MUG-BLUE-01", "CLOCK"]),
        ("  ", ["CLOCK", "85123A", "MUG-BLUE-01"]),
    ],
)
def test_finds(goods, text, skus):
    assert found(text) == skus


@pytest.mark.parametrize(
    "text",
    [
        "'",
        "''",
        "\\",
        "q'x",
        "& | !",
        "(",
        "<->",
        "!!!",
        "%",
        "_",
        "the",
        "\U0001f600",
        "q\tx",
        "x" * 200,
        "\u202e",
        "1e5",
        "-1",
        "*:*",
    ],
)
def test_odd_characters_are_only_characters(goods, text):
    assert found(text) == []


def test_a_text_that_is_too_long_is_refused():
    answer = client_for().get("/api/v1/products", {"q": "x" * 201})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "q")


def test_a_name_weighs_more_than_a_description_whatever_is_newer():
    ProductFactory(sku="NAMED", name="Lamp")
    ProductFactory(sku="DESCRIBED", name="Stand", description="For a lamp")
    assert found("lamp") == ["NAMED", "DESCRIBED"]


def test_words_without_meaning_ask_for_nothing(goods):
    assert found("the blue mug") == ["MUG-BLUE-01"]
    assert found("tho") == ["85123A"]


def test_search_uses_the_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    assert "product_by_search" in Product.objects.matching("the blue mug").order_by().explain()
