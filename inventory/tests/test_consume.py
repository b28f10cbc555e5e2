from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from inventory.errors import NotOnHand, NotReserved
from inventory.models import StockMovement
from inventory.services import Pick, Want, adjust_stock, consume, open_by_warehouse, reserve
from inventory.tests.checks import broken_rules, counters, moves, states
from inventory.tests.factories import TESTS, WarehouseFactory, stock

pytestmark = pytest.mark.django_db


def paid(order_id, *wants):
    return reserve(order_id=order_id, wants=[Want(*want) for want in wants], expires_at=None)


def ship(level, *picks, order_id=7, cause="shipment:1"):
    chosen = [Pick(line, level.warehouse_id, quantity) for line, quantity in picks]
    return consume(order_id=order_id, picks=chosen, cause=cause, by=TESTS)


def test_takes_the_units_off_the_shelf_and_out_of_the_promise():
    level = stock("A", 10)
    paid(7, (71, "A", 3))
    (movement,) = ship(level, (71, 3))
    assert counters(level) == (7, 0)
    assert states(7) == [(71, "consumed", 3)]
    movement.refresh_from_db()
    assert (movement.kind, movement.delta, movement.on_hand_after) == ("shipped", -3, 7)
    assert (movement.cause, movement.order_line_id, movement.actor) == ("shipment:1", 71, "system:tests")


def test_ships_a_line_in_parts():
    level = stock("A", 10)
    paid(7, (71, "A", 3))
    ship(level, (71, 1))
    assert counters(level) == (9, 2)
    assert states(7) == [(71, "committed", 2), (71, "consumed", 1)]
    ship(level, (71, 2), cause="shipment:2")
    assert counters(level) == (7, 0)
    assert moves() == [("shipped", -1, 9), ("shipped", -2, 7)]
    assert not broken_rules()


def test_two_lines_of_one_item_leave_two_movements():
    level = stock("A", 10)
    paid(7, (71, "A", 3), (72, "A", 4))
    ship(level, (71, 3), (72, 4))
    assert moves() == [("shipped", -3, 7), ("shipped", -4, 3)]
    assert not broken_rules()


def test_refuses_what_is_only_held():
    level = stock("A", 10)
    reserve(order_id=7, wants=[Want(71, "A", 3)], expires_at=timezone.now() + timedelta(minutes=1))
    with pytest.raises(NotReserved):
        ship(level, (71, 3))
    assert (counters(level), moves()) == ((10, 3), [])


@pytest.mark.parametrize("pick", [(71, 4), (99, 1)])
def test_refuses_more_than_is_reserved_and_touches_nothing(pick):
    level = stock("A", 10)
    paid(7, (71, "A", 3), (72, "A", 1))
    with pytest.raises(NotReserved):
        ship(level, (72, 1), pick)
    assert (counters(level), moves()) == ((10, 4), [])
    assert states(7) == [(71, "committed", 3), (72, "committed", 1)]


def test_refuses_units_reserved_in_another_warehouse():
    near = stock("A", 5, warehouse=WarehouseFactory(priority=1))
    far = stock("A", 5, warehouse=WarehouseFactory(priority=2))
    paid(7, (71, "A", 3))
    with pytest.raises(NotReserved):
        ship(far, (71, 3))
    assert (counters(near), counters(far)) == ((5, 3), (5, 0))


def test_refuses_what_the_shelf_no_longer_has():
    level = stock("A", 5)
    paid(7, (71, "A", 4))
    adjust_stock(sku="A", warehouse_code=level.warehouse.code, on_hand=2, reason="count", by=TESTS)
    with pytest.raises(NotOnHand):
        ship(level, (71, 4))
    assert counters(level) == (2, 4)
    assert states(7) == [(71, "committed", 4)]
    assert not broken_rules()


def test_one_cause_ships_a_line_once():
    level = stock("A", 10)
    paid(7, (71, "A", 3))
    ship(level, (71, 1))
    with pytest.raises(IntegrityError, match="stock_movement_once_per_line_and_cause"), transaction.atomic():
        ship(level, (71, 1))
    assert counters(level) == (9, 2)
    assert StockMovement.objects.filter(kind="shipped").count() == 1


def test_open_by_warehouse_has_the_first_warehouse_first():
    second, first = WarehouseFactory(priority=2), WarehouseFactory(priority=1)
    stock("A", 3, warehouse=second)
    stock("A", 3, warehouse=first)
    paid(7, (71, "A", 5))
    found = open_by_warehouse(7)
    assert found == {first.pk: {71: 3}, second.pk: {71: 2}}
    assert list(found) == [first.pk, second.pk]


@pytest.mark.parametrize("lines", [1, 40])
def test_costs_five_statements_whatever_the_lines(django_assert_num_queries, lines):
    levels = [stock(f"S{n}", 2) for n in range(lines)]
    paid(7, *((n, f"S{n}", 2) for n in range(lines)))
    with django_assert_num_queries(5):
        ship(levels[0], *((n, 1) for n in range(lines)))
    assert not broken_rules()
