from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.backorders.availability import supply_for
from inventory.errors import InsufficientStock
from inventory.models import Reservation, StockLevel
from inventory.services import Want, commit_reservations, reserve
from inventory.tests.factories import WarehouseFactory, stock

pytestmark = pytest.mark.django_db


def soon():
    return timezone.now() + timedelta(minutes=30)


def test_holds_the_units_until_they_expire():
    level = stock("A", 10)
    until = soon()
    (reservation,) = reserve(order_id=7, wants=[Want(71, "A", 3)], expires_at=until)
    reservation.refresh_from_db()
    level.refresh_from_db()
    assert (level.on_hand, level.reserved, level.available) == (10, 3, 7)
    assert (reservation.order_id, reservation.order_line_id, reservation.quantity) == (7, 71, 3)
    assert (reservation.state, reservation.expires_at) == ("held", until)
    assert (reservation.level_id, reservation.item_id, reservation.warehouse_id) == (
        level.pk,
        level.item_id,
        level.warehouse_id,
    )


def test_without_an_expiry_commits_at_once():
    stock("A", 1)
    (reservation,) = reserve(order_id=7, wants=[Want(71, "A", 1)], expires_at=None)
    assert (reservation.state, reservation.expires_at) == ("committed", None)


def test_refuses_one_unit_too_many_and_touches_nothing():
    stock("A", 10)
    stock("B", 2)
    wants = [Want(71, "A", 4), Want(72, "B", 3)]
    with pytest.raises(InsufficientStock) as refusal:
        reserve(order_id=7, wants=wants, expires_at=soon())
    assert refusal.value.extra["items"] == [{"sku": "B", "requested": 3, "available": 2}]
    assert [(p.field, p.code, p.detail) for p in refusal.value.problems] == [
        ("lines.1.quantity", "insufficient_stock", "Only 2 available.")
    ]
    assert not Reservation.objects.exists()
    assert set(StockLevel.objects.values_list("reserved", flat=True)) == {0}


def test_sums_the_lines_of_one_item_before_it_promises():
    stock("A", 5)
    with pytest.raises(InsufficientStock) as refusal:
        reserve(order_id=7, wants=[Want(71, "A", 3), Want(72, "A", 3)], expires_at=soon())
    assert refusal.value.extra["items"] == [{"sku": "A", "requested": 6, "available": 5}]
    assert [problem.field for problem in refusal.value.problems] == ["lines.0.quantity", "lines.1.quantity"]
    assert not Reservation.objects.exists()


def test_an_unknown_item_has_nothing_available():
    with pytest.raises(InsufficientStock) as refusal:
        reserve(order_id=7, wants=[Want(71, "NOPE", 1)], expires_at=soon())
    assert refusal.value.extra["items"] == [{"sku": "NOPE", "requested": 1, "available": 0}]


def test_keeps_safety_stock_and_inactive_warehouses_out_of_sale():
    StockLevel.objects.filter(pk=stock("A", 10).pk).update(safety=4)
    stock("A", 50, warehouse=WarehouseFactory(active=False))
    assert supply_for(["A"])["A"].there == 6
    with pytest.raises(InsufficientStock):
        reserve(order_id=7, wants=[Want(71, "A", 7)], expires_at=soon())
    assert len(reserve(order_id=7, wants=[Want(71, "A", 6)], expires_at=soon())) == 1


def test_splits_over_warehouses_when_none_has_all():
    first, second = WarehouseFactory(priority=1), WarehouseFactory(priority=2)
    stock("A", 3, warehouse=first)
    stock("A", 3, warehouse=second)
    reserve(order_id=7, wants=[Want(71, "A", 5)], expires_at=soon())
    assert list(Reservation.objects.order_by("id").values_list("warehouse_id", "quantity")) == [
        (first.pk, 3),
        (second.pk, 2),
    ]


@pytest.mark.parametrize("lines", [1, 50])
def test_costs_three_statements_whatever_the_lines(lines):
    skus = [f"S{n}" for n in range(lines)]
    for sku in skus:
        stock(sku, 2)
    wants = [Want(place, sku, 2) for place, sku in enumerate(skus)]
    with CaptureQueriesContext(
        connection,
    ) as statements:
        reserve(order_id=7, wants=wants, expires_at=soon())
    assert len(statements) == 3
    assert sum(StockLevel.objects.values_list("reserved", flat=True)) == 2 * lines


def test_commit_keeps_what_was_held_and_is_harmless_twice():
    level = stock("A", 10)
    reserve(order_id=7, wants=[Want(71, "A", 3), Want(72, "A", 1)], expires_at=soon())
    reserve(order_id=8, wants=[Want(81, "A", 1)], expires_at=soon())
    assert commit_reservations(order_id=7) == 2
    assert commit_reservations(order_id=7) == 0
    level.refresh_from_db()
    assert level.reserved == 5
    assert set(Reservation.objects.filter(order_id=7).values_list("state", "expires_at")) == {("committed", None)}
    assert Reservation.objects.get(order_id=8).state == "held"


def test_stock_for_answers_for_every_sku_in_one_statement(django_assert_num_queries):
    stock("A", 10)
    stock("A", 5, warehouse=WarehouseFactory())
    stock("B", 0)
    with django_assert_num_queries(1):
        assert {sku: supply.there for sku, supply in supply_for(["A", "B", "C"]).items()} == {"A": 15, "B": 0, "C": 0}
