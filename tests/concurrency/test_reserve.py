"""Stock under many hands. Each race comes with its negative control: the same race with the lock off."""

from collections import Counter
from functools import partial
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.db.models import F

from inventory.models import Reservation, StockLevel
from inventory.services import Pick, Want, adjust_stock, consume, receive_stock, release, reserve, transfer_stock
from inventory.tests.checks import broken_rules, counters, states
from inventory.tests.factories import TESTS, WarehouseFactory, stock
from tests.concurrency.racing import at_once, outcomes

pytestmark = pytest.mark.django_db(transaction=True)


def place(order_id, *wants):
    """An order's reservation as one transaction, without the retries that would hide a deadlock."""
    with transaction.atomic():
        return reserve(order_id=order_id, wants=[Want(*want) for want in wants], expires_at=None)


def test_a_thousand_attempts_on_ten_units_give_ten():
    level = stock("LAST", 10)
    results = at_once([partial(place, n, (n, "LAST", 1)) for n in range(1000)], threads=24)
    assert outcomes(results) == {"done": 10, "insufficient_stock": 990}
    assert counters(level) == (10, 10)
    assert Reservation.objects.count() == 10
    assert broken_rules() == []


def test_control_read_then_write_sells_the_last_unit_twice():
    level = stock("LAST", 1)
    both_have_read = Barrier(2, timeout=10)

    def naive(order_id):
        with transaction.atomic():
            seen = StockLevel.objects.get(pk=level.pk)
            both_have_read.wait()
            assert seen.available >= 1
            StockLevel.objects.filter(pk=level.pk).update(reserved=F("reserved") + 1)
            Reservation.objects.create(
                level=seen, item_id=seen.item_id, warehouse_id=seen.warehouse_id,
                order_id=order_id, order_line_id=order_id, quantity=1, state="committed",
            )  # fmt: skip

    assert outcomes(at_once([partial(naive, 1), partial(naive, 2)])) == {"done": 2}
    assert counters(level) == (1, 2)
    assert broken_rules() == ["stock.shortfalls"]


def test_orders_of_the_same_items_in_opposite_order_do_not_deadlock():
    levels = [stock(sku, 1000) for sku in ("A", "B")]
    there, back = [("A", 1), ("B", 1)], [("B", 1), ("A", 1)]
    works = [
        partial(place, n, *((n * 10 + i, *want) for i, want in enumerate(there if n % 2 else back))) for n in range(200)
    ]
    assert outcomes(at_once(works)) == {"done": 200}
    assert [counters(level) for level in levels] == [(1000, 200), (1000, 200)]
    assert broken_rules() == []


def test_control_locking_in_the_order_of_the_lines_deadlocks():
    levels = {sku: stock(sku, 1000) for sku in ("A", "B")}
    both_hold_one = Barrier(2, timeout=10)

    def naive(first, second):
        with transaction.atomic():
            StockLevel.objects.select_for_update().get(pk=levels[first].pk)
            both_hold_one.wait()
            StockLevel.objects.select_for_update().get(pk=levels[second].pk)

    assert outcomes(at_once([partial(naive, "A", "B"), partial(naive, "B", "A")])) == {"done": 1, "40P01": 1}


def ship(level, order_id, quantity):
    with transaction.atomic():
        pick = Pick(order_id, level.warehouse_id, quantity)
        return consume(order_id=order_id, picks=[pick], cause=f"shipment:{order_id}", by=TESTS)


def give_back(order_id):
    with transaction.atomic():
        return release(order_id=order_id)


def test_what_is_given_back_while_it_ships_is_counted_once():
    orders = range(1, 61)
    level = stock("A", 3 * len(orders))
    for order_id in orders:
        place(order_id, (order_id, "A", 3))
    works = [work for n in orders for work in (partial(ship, level, n, 3), partial(give_back, n))]
    results = at_once(works)
    shipped = [n for n in orders if states(n) == [(n, "consumed", 3)]]
    released = [n for n in orders if states(n) == [(n, "released", 3)]]
    assert len(shipped) + len(released) == len(orders)
    assert counters(level) == (3 * len(orders) - 3 * len(shipped), 0)
    assert sum(given for given in results[1::2]) == 3 * len(released)
    assert outcomes(results[::2]) == +Counter({"done": len(shipped), "not_reserved": len(released)})
    assert broken_rules() == []


def test_two_who_give_back_the_same_order_free_it_once():
    level = stock("A", 10)
    for order_id in (1, 2, 3):
        place(order_id, (order_id, "A", 3))
    results = at_once([partial(give_back, n) for n in (1, 2, 3) for _ in range(8)])
    assert sum(results) == 9
    assert counters(level) == (10, 0)
    assert broken_rules() == []


def test_control_a_state_nobody_wins_is_counted_twice():
    level = stock("A", 10)
    place(1, (1, "A", 3))
    place(2, (2, "A", 5))
    both_have_read = Barrier(2, timeout=10)

    def naive():
        with transaction.atomic():
            seen = Reservation.objects.get(order_id=1)
            assert seen.state == "committed"
            both_have_read.wait()
            Reservation.objects.filter(pk=seen.pk).update(state="released")
            StockLevel.objects.filter(pk=level.pk).update(reserved=F("reserved") - seen.quantity)

    assert outcomes(at_once([naive, naive])) == {"done": 2}
    assert counters(level) == (10, 2)
    assert broken_rules() == ["stock.reserved"]


def test_a_count_that_meets_orders_leaves_an_exact_shortfall():
    level = stock("A", 100)
    works = [partial(place, n, (n, "A", 1)) for n in range(80)]
    works[40:40] = [partial(count, level, n) for n in (60, 20, 40)]
    at_once(works)
    on_hand, reserved = counters(level)
    assert on_hand in (20, 40, 60)
    assert reserved == Reservation.objects.count()
    assert broken_rules() == []


def count(level, found):
    from_above = {"sku": level.item.sku, "warehouse_code": level.warehouse.code}
    return adjust_stock(**from_above, on_hand=found, reason="count", by=TESTS)


def test_transfers_in_both_directions_lose_no_unit():
    places = [WarehouseFactory(code=code) for code in ("HERE", "THERE")]
    levels = [stock("A", 500, warehouse=place) for place in places]
    ways = [("HERE", "THERE"), ("THERE", "HERE")]
    works = [partial(transfer_stock, sku="A", from_code=a, to_code=b, quantity=3, by=TESTS) for a, b in ways * 40]
    assert outcomes(at_once(works)) == {"done": 80}
    assert [counters(level) for level in levels] == [(500, 0), (500, 0)]
    assert broken_rules() == []


def test_a_level_seen_first_by_many_is_made_once():
    stock("A", 0, warehouse=WarehouseFactory(code="HERE"))
    WarehouseFactory(code="NEW")
    receive = partial(receive_stock, sku="A", warehouse_code="NEW", quantity=2, cause="po:1", by=TESTS)
    assert outcomes(at_once([receive] * 20)) == {"done": 20}
    assert counters(StockLevel.objects.get(warehouse__code="NEW")) == (40, 0)
    assert broken_rules() == []


def test_waiting_for_a_lock_ends():
    level = stock("A", 10)
    with transaction.atomic():
        StockLevel.objects.select_for_update().get(pk=level.pk)
        (blocked,) = at_once([impatient])
    assert outcomes([blocked]) == {"55P03": 1}
    assert Reservation.objects.count() == 0


def impatient():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '50ms'")
        return reserve(order_id=1, wants=[Want(1, "A", 1)], expires_at=None)
