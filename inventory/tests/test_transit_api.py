"""Transfers on their way, over HTTP."""

import pytest

from audit.models import LogEntry
from inventory.models import StockLevel, Transfer, Warehouse
from inventory.tests.factories import WarehouseFactory, stock
from inventory.tests.test_api import client, partner, post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _houses():
    stock("A", 10, warehouse=WarehouseFactory(code="HERE", priority=1))
    stock("B", 5, warehouse=StockLevel.objects.get().warehouse)
    WarehouseFactory(code="THERE", priority=2)


def send(caller, *, query="", **fields):
    body = {"from_warehouse": "HERE", "to_warehouse": "THERE", "in_transit": True}
    return post(caller, "stock/transfers", body | (fields or {"lines": [{"sku": "A", "quantity": 4}]}), query=query)


def on_hand():
    return dict(StockLevel.objects.filter(item__sku="A").values_list("warehouse__code", "on_hand"))


def test_sends_shows_and_receives(django_assert_num_queries):
    keeper = client("warehouse")
    sent = send(keeper, lines=[{"sku": "A", "quantity": 4}, {"sku": "B", "quantity": 1}])
    assert sent.status_code == 201
    number = sent.json()["transfer"]["number"]
    assert [(row["sku"], row["delta"]) for row in sent.json()["movements"]] == [("A", -4), ("B", -1)]
    with django_assert_num_queries(3):
        (row,) = keeper.get("/api/v1/stock/transfers?state=in_transit").json()["results"]
    assert (row["number"], row["lines"][0]) == (number, {"sku": "A", "quantity": 4, "received": None})
    lines = [{"sku": "A", "quantity": 3}, {"sku": "B", "quantity": 1}]
    less = post(keeper, f"stock/transfers/{number}/receive", {"lines": lines})
    assert (less.status_code, less.json()["errors"][0]["field"]) == (400, "loss_reason")
    done = post(keeper, f"stock/transfers/{number}/receive", {"lines": lines, "loss_reason": "Broke"})
    assert (done.status_code, done.json()["state"], done.json()["lines"][0]["received"]) == (200, "received", 3)
    assert on_hand() == {"HERE": 6, "THERE": 3}
    again = post(keeper, f"stock/transfers/{number}/cancel", {})
    assert (again.status_code, again.json()["code"]) == (409, "transfer_closed")


def test_what_is_on_its_way_is_incoming():
    keeper = client("warehouse")
    stock("A", 1, warehouse=WarehouseFactory(code="THIRD"))
    body = {"to_warehouse": "THIRD", "sku": "A", "quantity": 2}
    assert send(keeper, **body).json()["stock"][0]["incoming"] == 0
    levels = keeper.get("/api/v1/stock?sku=A").json()["results"]
    assert {row["warehouse"]: row["incoming"] for row in levels} == {"HERE": 0, "THIRD": 2}


@pytest.mark.django_db(transaction=True)
def test_a_warehouse_that_goods_were_sent_to_stays():
    assert send(client("warehouse")).status_code == 201
    before = LogEntry.objects.count()
    answer = client("admin").delete("/api/v1/warehouses/THERE")
    assert (answer.status_code, answer.json()["code"]) == (409, "warehouse_in_use")
    assert Warehouse.objects.filter(code="THERE").exists()
    assert LogEntry.objects.count() == before


def test_a_rehearsal_changes_nothing():
    assert send(client("warehouse"), query="?dry_run=true").status_code == 201
    assert (Transfer.objects.count(), on_hand()) == (0, {"HERE": 10})


@pytest.mark.parametrize(
    "fields",
    [
        {"lines": []},
        {"sku": "A"},
        {"sku": "A", "quantity": 1, "lines": [{"sku": "A", "quantity": 1}]},
        {"lines": [{"sku": "A", "quantity": 1}] * 2},
        {"lines": [{"sku": "A", "quantity": 1}], "in_transit": False},
        {"lines": [{"sku": "NOPE", "quantity": 1}]},
        {"lines": [{"sku": "A", "quantity": 1}], "to_warehouse": "HERE"},
    ],
)
def test_refuses_what_makes_no_sense(fields):
    assert send(client("warehouse"), **fields).status_code == 400
    assert (Transfer.objects.count(), on_hand()) == (0, {"HERE": 10})


def test_customer_service_looks_and_partners_do_not():
    number = send(client("warehouse")).json()["transfer"]["number"]
    service = client("customer_service")
    assert service.get(f"/api/v1/stock/transfers/{number}").status_code == 200
    assert post(service, f"stock/transfers/{number}/receive", {}).status_code == 403
    assert partner("stock:read").get("/api/v1/stock/transfers").status_code == 403
    assert client("warehouse").get("/api/v1/stock/transfers/T1").status_code == 404
    assert Transfer.objects.get().state == "in_transit"


def test_terms_of_selling_ahead_are_set_and_refused():
    keeper = client("warehouse")
    answer = keeper.put("/api/v1/stock/A/backorders", {"limit": 5, "expected_on": "2031-05-01"})
    assert answer.json() == {
        "sku": "A",
        "limit": 5,
        "waiting": 0,
        "available_from": None,
        "expected_on": "2031-05-01",
    }
    assert keeper.put("/api/v1/stock/A/backorders", {"limit": -1}).status_code == 400
    assert client("customer_service").put("/api/v1/stock/A/backorders", {"limit": 1}).status_code == 403
    assert keeper.put("/api/v1/stock/NOPE/backorders", {"limit": 1}).status_code == 404
