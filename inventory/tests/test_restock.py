import pytest
from django.db import IntegrityError, transaction

from inventory.errors import NotShipped
from inventory.services import Pick, Restock, Want, consume, reserve, restock
from inventory.tests.checks import broken_rules, counters, moves
from inventory.tests.factories import TESTS, WarehouseFactory, stock

pytestmark = pytest.mark.django_db


def shipped(sku="A", quantity=3, *, line=71):
    level = stock(sku, 10)
    reserve(order_id=7, wants=[Want(line, sku, quantity)], expires_at=None)
    consume(order_id=7, picks=[Pick(line, level.warehouse_id, quantity)], cause=f"shipment:{line}", by=TESTS)
    return level


def back(level, quantity, *, line=71, cause="return:1"):
    want = Restock(line_id=line, warehouse_id=level.warehouse_id, quantity=quantity)
    return restock(order_id=7, wants=[want], cause=cause, by=TESTS)


def test_puts_returned_units_on_hand():
    level = shipped()
    (movement,) = back(level, 2)
    assert counters(level) == (9, 0)
    movement.refresh_from_db()
    assert (movement.kind, movement.delta, movement.on_hand_after) == ("returned", 2, 9)
    assert (movement.cause, movement.order_line_id, movement.actor) == ("return:1", 71, "system:tests")


def test_a_warehouse_that_never_had_the_item_can_take_it():
    shipped()
    other = WarehouseFactory()
    want = Restock(line_id=71, warehouse_id=other.pk, quantity=1)
    (movement,) = restock(order_id=7, wants=[want], cause="return:1", by=TESTS)
    assert (movement.warehouse_id, movement.on_hand_after) == (other.pk, 1)
    assert not broken_rules()


def test_refuses_more_than_went_out_and_touches_nothing():
    level = shipped()
    back(level, 2)
    with pytest.raises(NotShipped):
        back(level, 2, cause="return:2")
    assert counters(level) == (9, 0)
    assert moves(kind="returned") == [("returned", 2, 9)]


def test_refuses_a_line_that_was_never_shipped():
    level = shipped()
    with pytest.raises(NotShipped):
        back(level, 1, line=99)
    assert counters(level) == (7, 0)


def test_one_cause_counts_a_line_once():
    level = shipped()
    back(level, 1)
    with pytest.raises(IntegrityError, match="stock_movement_once_per_line_and_cause"), transaction.atomic():
        back(level, 1)
    assert counters(level) == (8, 0)


@pytest.mark.parametrize("lines", [1, 30])
def test_costs_five_statements_whatever_the_lines(django_assert_num_queries, lines):
    levels = [shipped(f"S{n}", line=n) for n in range(lines)]
    wants = [Restock(line_id=n, warehouse_id=level.warehouse_id, quantity=1) for n, level in enumerate(levels)]
    with django_assert_num_queries(5):
        restock(order_id=7, wants=wants, cause="return:1", by=TESTS)
    assert not broken_rules()
