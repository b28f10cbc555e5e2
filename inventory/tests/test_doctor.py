"""What the doctor of stock finds, says and repairs."""

import io

import pytest
from django.core.management import call_command
from django.db import connection

from inventory.backorders.terms import BackorderTerms, set_backorder_terms
from inventory.models import Reservation, StockItem, StockLevel, StockMovement
from inventory.services import Want, reserve
from inventory.tests.checks import broken_rules, counters, open_shortfalls, unhealthy_history
from inventory.tests.factories import TESTS, WarehouseFactory, stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def level():
    level = stock("MUG", 10, warehouse=WarehouseFactory(code="MAIN"))
    stock("CUP", 3)
    reserve(order_id=7, wants=[Want(71, "MUG", 4)], expires_at=None)
    return level


def corrupt(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def doctor(*args):
    out = io.StringIO()
    try:
        call_command("doctor", "--stock", *args, stdout=out)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


def test_healthy_stock_adds_up(level):
    assert doctor() == ("Stock adds up.\n", 0)


def test_units_without_a_movement_are_shown_then_rehearsed_then_written_down(level):
    corrupt("UPDATE inventory_stocklevel SET on_hand = 12 WHERE on_hand = 10")
    before = StockMovement.objects.count()
    said, code = doctor()
    assert (
        "MUG at MAIN: 12 on hand, but its movements add up to 10: 2 units came without a movement." in said,
        code,
    ) == (True, 1)
    said, code = doctor("--repair")
    assert ("would: write a movement of +2" in said, "Add --yes" in said, code) == (True, True, 1)
    assert (StockMovement.objects.count(), counters(level)) == (before, (12, 4))
    said, code = doctor("--repair", "--yes")
    assert ("1 of 1 repaired." in said, code) == (True, 0)
    movement = StockMovement.objects.latest("id")
    assert (movement.delta, movement.on_hand_after, movement.reason) == (2, 12, "correction")
    assert (movement.actor, movement.cause[:7]) == ("system:doctor", "doctor:")
    assert (broken_rules(), unhealthy_history()) == ([], [])


def test_what_is_reserved_is_counted_again(level):
    corrupt("UPDATE inventory_stocklevel SET reserved = 9 WHERE on_hand = 10")
    said, _ = doctor()
    assert "MUG at MAIN: 9 counted as reserved, but its open reservations add up to 4." in said
    assert doctor("--repair", "--yes")[1] == 0
    assert (counters(level), broken_rules()) == ((10, 4), [])
    newest = StockLevel.history.filter(id=level.pk).latest("history_id")
    assert (newest.reserved, newest.actor) == (4, "system:doctor")


def test_a_shortfall_nobody_wrote_is_opened(level):
    Reservation.objects.update(quantity=15)
    corrupt("UPDATE inventory_stocklevel SET reserved = 15 WHERE on_hand = 10")
    assert "15 promised and 10 on hand make 5 short, but the open shortfall says 0." in doctor()[0]
    assert doctor("--repair", "--yes")[1] == 0
    assert (open_shortfalls(), broken_rules()) == ({level.pk: 5}, [])


def test_who_waits_is_counted_again(level):
    set_backorder_terms(sku="CUP", terms=BackorderTerms(limit=5), by=TESTS)
    reserve(order_id=8, wants=[Want(81, "CUP", 5)], expires_at=None)
    StockItem.objects.filter(sku="CUP").update(waiting=4)
    assert "CUP: 4 counted as waiting, but 2 units are sold ahead" in doctor()[0]
    assert (doctor("--repair", "--yes")[1], StockItem.objects.get(sku="CUP").waiting) == (0, 2)


def test_looks_at_one_item_alone(level):
    corrupt("UPDATE inventory_stocklevel SET reserved = reserved + 1")
    said, _ = doctor("--sku", "CUP")
    assert ("CUP at MAIN" in said, "MUG" in said) == (True, False)
    doctor("--sku", "CUP", "--repair", "--yes")
    assert counters(level) == (10, 5)
