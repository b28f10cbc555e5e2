import pytest

from inventory.backorders.availability import supply_for
from inventory.services import Want, reserve, set_safety
from inventory.tests.checks import broken_rules, counters, moves, refused
from inventory.tests.factories import TESTS, stock
from kernel.errors import Invalid

pytestmark = pytest.mark.django_db


def test_keeps_units_back_without_moving_them():
    level = stock("A", 10)
    changed = set_safety(sku="A", warehouse_code=level.warehouse.code, safety=4, by=TESTS)
    assert (changed.safety, changed.available) == (4, 6)
    assert supply_for(["A"])["A"].there == 6
    assert (counters(level), moves()) == ((10, 0), [])


def test_never_shows_less_than_nothing_and_keeps_promises():
    level = stock("A", 10)
    reserve(order_id=7, wants=[Want(71, "A", 8)], expires_at=None)
    changed = set_safety(sku="A", warehouse_code=level.warehouse.code, safety=5, by=TESTS)
    assert (changed.available, counters(level)) == (0, (10, 8))
    assert not broken_rules()


def test_refuses_a_negative_number():
    level = stock("A", 10)
    with refused(Invalid):
        set_safety(sku="A", warehouse_code=level.warehouse.code, safety=-1, by=TESTS)
    level.refresh_from_db()
    assert level.safety == 0
