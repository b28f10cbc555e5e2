import pytest

from inventory.models import StockLevel
from inventory.services import place_in_bin
from inventory.tests.checks import counters, moves, refused
from inventory.tests.factories import TESTS, stock
from inventory.tests.test_api import client
from kernel.errors import Invalid

pytestmark = pytest.mark.django_db


def test_says_where_an_item_lies_and_moves_nothing():
    level = stock("A", 10)
    placed = place_in_bin(sku="A", warehouse_code=level.warehouse.code, bin=" a-03-2 ", by=TESTS)
    assert (placed.bin, counters(level), moves()) == ("A-03-2", (10, 0), [])


def test_an_empty_bin_takes_it_out():
    level = stock("A", 10)
    for place in ("B-1", ""):
        place_in_bin(sku="A", warehouse_code=level.warehouse.code, bin=place, by=TESTS)
    level.refresh_from_db()
    assert (level.bin, list(level.history.values_list("bin", flat=True))) == ("", ["", "B-1", "", ""])


@pytest.mark.parametrize("bad", ["-A", "A;B", "A" * 31])
def test_refuses_what_no_label_says(bad):
    level = stock("A", 10)
    with refused(Invalid):
        place_in_bin(sku="A", warehouse_code=level.warehouse.code, bin=bad, by=TESTS)
    level.refresh_from_db()
    assert level.bin == ""


def test_is_set_and_shown_over_http_by_people_of_the_warehouse():
    level, keeper = stock("A", 10), client("warehouse")
    answer = keeper.put("/api/v1/stock/A/bin", {"warehouse": level.warehouse.code, "bin": "C-1"})
    assert (answer.status_code, answer.json()["bin"]) == (200, "C-1")
    assert keeper.get("/api/v1/stock?sku=A").json()["results"][0]["bin"] == "C-1"
    refusal = client("customer_service").put("/api/v1/stock/A/bin", {"warehouse": level.warehouse.code, "bin": "D"})
    assert (refusal.status_code, StockLevel.objects.get().bin) == (403, "C-1")
