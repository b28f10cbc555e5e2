import pytest

from audit.models import LogEntry
from inventory.low_stock import set_reorder_point, watch_levels
from inventory.models import StockLevel
from inventory.services import adjust_stock, receive_stock
from inventory.tests.checks import broken_rules, refused, unhealthy_history
from inventory.tests.factories import TESTS, WarehouseFactory, stock
from inventory.tests.test_api import client
from kernel.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def level(settings):
    settings.SHOP_REORDER_POINT = 5
    return stock("A", 10, warehouse=WarehouseFactory(code="MAIN"))


def count(units):
    adjust_stock(sku="A", warehouse_code="MAIN", on_hand=units, reason="count", by=TESTS)


def told():
    watch_levels(by=TESTS)
    return [entry.payload["available"] for entry in LogEntry.objects.filter(name="StockLow").order_by("id")]


def test_tells_once_and_again_after_it_was_refilled(level):
    assert told() == []
    count(5)
    assert told() == [5]
    count(3)
    assert told() == [5]
    receive_stock(sku="A", warehouse_code="MAIN", quantity=10, cause="po:1", by=TESTS)
    assert told() == [5]
    count(4)
    assert told() == [5, 4]
    assert (broken_rules(), unhealthy_history()) == ([], [])


def test_a_level_has_a_point_of_its_own(level):
    set_reorder_point(sku="A", warehouse_code="MAIN", reorder_point=12, by=TESTS)
    assert told() == [10]
    assert [row.pk for row in StockLevel.objects.low()] == [level.pk]
    set_reorder_point(sku="A", warehouse_code="MAIN", reorder_point=0, by=TESTS)
    assert (told(), list(StockLevel.objects.low())) == ([10], [])


def test_nobody_is_told_of_a_warehouse_that_does_not_sell(level):
    type(level.warehouse).objects.update(active=False)
    count(0)
    assert told() == []


def test_is_set_over_http_and_refused(level):
    keeper = client("warehouse")
    answer = keeper.put("/api/v1/stock/A/reorder-point", {"warehouse": "MAIN", "reorder_point": 20})
    assert (answer.status_code, keeper.get("/api/v1/stock?low=true").json()["results"][0]["sku"]) == (200, "A")
    bad = keeper.put("/api/v1/stock/A/reorder-point", {"warehouse": "MAIN", "reorder_point": -1})
    assert (bad.status_code, StockLevel.objects.get().reorder_point) == (400, 20)
    with refused(Invalid):
        set_reorder_point(sku="A", warehouse_code="MAIN", reorder_point=-1, by=TESTS)
