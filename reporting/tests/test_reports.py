from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory, client_for
from orders.models import Order
from orders.services import Totals, cancel_order, record_payment_totals
from orders.tests.factories import TESTS, buyable, delivered, fresh, paid, place

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)  # already the first of April in Berlin


def dated(order: Order, at: datetime) -> Order:
    Order.objects.filter(pk=order.pk).update(created_at=at)
    return fresh(order)


def report(path: str, role: str = "admin", **query: object):
    return client_for(UserFactory(role=role)).get(f"/api/v1/reports/{path}", query)


@pytest.fixture
def april() -> None:
    buyable("MUG", price="10.00", quantity=50)
    buyable("TEA", price="1.00", quantity=50)
    dated(paid(("MUG", 2)), FIRST)
    dated(paid(("TEA", 10)), FIRST + timedelta(days=1))
    dated(paid(("MUG", 1), ("TEA", 1)), FIRST + timedelta(days=1))
    dated(place(("MUG", 5)), FIRST)


def test_sales_are_dated_by_the_shops_clock_and_count_paid_orders_only(april: None) -> None:
    answer = report("sales", **{"from": "2026-04-01", "to": "2026-04-03"})
    assert answer.status_code == 200
    rows = [(row["period"], row["orders"], row["units"], row["total"], row["average"]) for row in answer.json()["rows"]]
    assert rows == [
        ("2026-04-01", 1, 2, "29.00", "29.00"),
        ("2026-04-02", 2, 12, "35.20", "17.60"),
        ("2026-04-03", 0, 0, "0.00", "0.00"),
    ]


@pytest.mark.parametrize(("granularity", "period"), [("month", "2026-04-01"), ("year", "2026-01-01")])
def test_sales_add_up_over_longer_periods(april: None, granularity: str, period: str) -> None:
    answer = report("sales", granularity=granularity, **{"from": "2026-04-01", "to": "2026-04-30"})
    (row,) = answer.json()["rows"]
    assert (row["period"], row["orders"], row["units"], row["total"], row["tax"]) == (period, 3, 14, "64.20", "8.20")


def test_what_is_cancelled_later_is_taken_out_and_refunds_stand_beside() -> None:
    buyable("MUG", price="10.00")
    order = dated(paid(("MUG", 2)), FIRST)
    cancel_order(order_id=order.pk, reason="x", lines={order.lines.get().pk: 1}, by=TESTS)
    refund = Totals(authorized=Decimal(29), captured=Decimal(29), refunded=Decimal(12))
    record_payment_totals(order_id=order.pk, totals=refund, by=TESTS)
    (row,) = report("sales", **{"from": "2026-04-01", "to": "2026-04-01"}).json()["rows"]
    assert (row["units"], row["total"], row["refunded"], row["net"]) == (1, "17.00", "12.00", "17.00")


def test_top_products_by_units_and_by_revenue(april: None) -> None:
    window = {"from": "2026-04-01", "to": "2026-04-30"}
    by_units = report("top-products", **window).json()["rows"]
    assert [(row["sku"], row["units"], row["revenue"]) for row in by_units] == [
        ("TEA", 11, "11.00"),
        ("MUG", 3, "30.00"),
    ]
    by_revenue = report("top-products", by="revenue", limit=1, **window).json()["rows"]
    assert [row["sku"] for row in by_revenue] == ["MUG"]


def test_average_order_value(april: None) -> None:
    answer = report("average-order-value", granularity="month", **{"from": "2026-04-01", "to": "2026-04-30"})
    assert answer.json()["rows"] == [{"period": "2026-04-01", "orders": 3, "total": "64.20", "average": "21.40"}]


def test_fulfilment_counts_what_left_and_arrived() -> None:
    buyable("MUG", quantity=10)
    delivered(("MUG", 1))
    paid(("MUG", 1))
    (row,) = report("fulfilment").json()["rows"]
    assert (row["orders"], row["shipped"], row["delivered"]) == (2, 1, 1)
    assert Decimal(row["hours_to_ship"]) >= 0


@pytest.mark.parametrize("how", [{"query": {"format": "csv"}}, {"headers": {"accept": "text/csv"}}])
def test_the_same_as_csv(april: None, how: dict) -> None:
    window = {"from": "2026-04-01", "to": "2026-04-01"}
    client = client_for(UserFactory(role="admin"))
    answer = client.get("/api/v1/reports/sales", window | how.get("query", {}), headers=how.get("headers"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode() == (
        "period,orders,units,discounts,shipping,tax,total,refunded,net,average\r\n"
        "2026-04-01,1,2,0.00,5.00,4.00,29.00,0.00,29.00,29.00\r\n"
    )


def test_a_name_that_looks_like_a_formula_is_made_harmless() -> None:
    product = buyable("MUG")
    product.name = "=1+1"
    product.save()
    paid(("MUG", 1))
    assert "MUG,'=1+1,1,10.00,1\r\n" in report("top-products", format="csv").content.decode()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"granularity": "hour"}, "granularity"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-02-30"}, "from"),
        ({"from": "2026-04-02", "to": "2026-04-01"}, "from"),
        ({"from": "0001-01-01"}, "from"),
        ({"to": "9999-12-31"}, "to"),
        ({"from": "1990-01-01"}, "granularity"),
        ({"currency": "XXX"}, "currency"),
        ({"format": "xml"}, "format"),
        ({"colour": "red"}, "colour"),
        ({"granularity": "da\x00y"}, "granularity"),
    ],
)
def test_a_bad_question_is_told_what_is_wrong(query: dict[str, str], field: str) -> None:
    answer = report("sales", **query)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize(
    ("role", "status"), [("admin", 200), ("customer_service", 200), ("warehouse", 403), ("customer", 403)]
)
def test_who_may_read_reports(role: str, status: int) -> None:
    assert report("sales", role).status_code == status


def test_a_guest_may_not() -> None:
    assert client_for().get("/api/v1/reports/sales").status_code == 401


def test_a_year_of_days_is_one_statement_beside_the_login(april: None) -> None:
    client = client_for(UserFactory(role="admin"))
    with CaptureQueriesContext(connection) as queries:
        client.get("/api/v1/reports/sales", {"from": "2026-01-01", "to": "2026-12-31"})
    assert len(queries) == 2
