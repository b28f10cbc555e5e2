from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Delivery, LogEntry
from inventory.models import StockLevel
from inventory.services import adjust_stock
from orders.back_office.chart import chart_of
from orders.back_office.figures import curve, today
from orders.models import Order
from orders.tests.back_office import staff
from orders.tests.factories import TESTS, buyable, paid, place

pytestmark = pytest.mark.django_db
HOME = "/admin/"


def placed_ago(order: Order, **ago: int) -> Order:
    Order.objects.filter(pk=order.pk).update(created_at=timezone.now() - timedelta(**ago))
    return order


def test_today_is_compared_with_the_same_day_last_week_until_the_same_time() -> None:
    buyable(quantity=50, price="10.00")
    paid(("MUG", 3))
    place(("MUG", 1))
    placed_ago(paid(("MUG", 1)), days=7, minutes=1)
    now = timezone.now()
    assert [(figure.title, figure.now, figure.then) for figure in today(now)] == [
        ("Orders", 1, 1),
        ("Revenue", Decimal("41.00"), Decimal("17.00")),
        ("Average order", Decimal("41.00"), Decimal("17.00")),
        ("Units", 3, 1),
    ]
    assert today(now)[1].change == 141


def test_the_curve_has_thirty_days_with_the_empty_ones() -> None:
    buyable(price="10.00")
    placed_ago(paid(("MUG", 1)), days=3)
    days = curve(timezone.now())
    assert len(days) == 30
    assert [(index, day.orders, day.revenue) for index, day in enumerate(days) if day.orders] == [(26, 1, Decimal(17))]
    chart = chart_of(days)
    assert [amount for _, amount in chart.grid] == [5, 10, 15, 20]
    assert chart.points[26].y < chart.points[25].y == chart.height


def test_what_waits_for_somebody_is_on_it() -> None:
    buyable(quantity=20)
    late = paid(("MUG", 2))
    Order.objects.filter(pk=late.pk).update(ship_by=timezone.now() - timedelta(hours=5))
    adjust_stock(sku="MUG", warehouse_code=StockLevel.objects.get().warehouse.code, on_hand=1, reason="count", by=TESTS)
    entry = LogEntry.objects.first()
    parked = Delivery.objects.create(entry=entry, handler="a.b", state="parked", due_at=timezone.now(), last_error="x")
    context = staff().get(HOME).context
    assert {stage.key: count for stage, count in context["stages"]}["to_pack"] == 1
    assert {kind.key: count for kind, count in context["exceptions"]} == {
        "on_hold": 0, "late": 1, "short": 1, "waits": 0, "payment_failed": 0,
    }  # fmt: skip
    assert (context["late"], context["parked"]) == ([late], [parked])
    assert [shortfall.quantity for shortfall in context["shortfalls"]] == [1]
    assert [(product.sku, product.units) for product, _ in context["best"]] == [("MUG", 2)]


def test_an_empty_shop_says_what_will_be_here() -> None:
    page = staff().get(HOME).content.decode()
    assert "No order has come in yet." in page


def test_a_role_sees_its_part() -> None:
    buyable()
    paid()
    warehouse, service = staff("warehouse").get(HOME).context, staff("customer_service").get(HOME).context
    assert ("figures" in warehouse, "parked" in warehouse, "shortfalls" in warehouse) == (False, False, True)
    assert ("figures" in service, "parked" in service) == (True, False)


def test_the_first_page_costs_a_fixed_number_of_statements() -> None:
    buyable(quantity=50)
    for _ in range(3):
        paid(("MUG", 1))
    client = staff()
    client.get(HOME)
    with CaptureQueriesContext(connection) as spent:
        assert client.get(HOME).status_code == 200
    assert len(spent) <= 12, [found["sql"][:120] for found in spent]
