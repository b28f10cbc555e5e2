"""The last unit that may be sold beyond the stock, wanted by many at once; beside it the race without the guard."""

from functools import partial
from threading import Barrier

import pytest
from django.db import transaction
from django.db.models import F

from inventory.backorders.allocating import allocate_waiting
from inventory.backorders.terms import BackorderTerms, set_backorder_terms
from inventory.models import Backorder, StockItem
from inventory.routing import Destination
from inventory.services import Want, lock_for_exchange, receive_stock, reserve
from inventory.tests.checks import broken_rules, counters
from inventory.tests.factories import TESTS, stock
from tests.concurrency.racing import at_once, outcomes

pytestmark = pytest.mark.django_db(transaction=True)


def place(order_id, quantity=1):
    with transaction.atomic():
        wants = [Want(order_id, "A", quantity)]
        return reserve(order_id=order_id, wants=wants, expires_at=None, number=f"W{order_id}")


def sell_ahead(limit):
    set_backorder_terms(sku="A", terms=BackorderTerms(limit=limit), by=TESTS)


@pytest.mark.parametrize("with_shelf", [True, False])
def test_the_last_unit_ahead_is_sold_once(with_shelf):
    level = stock("A", 0)
    if not with_shelf:
        level.delete()
    sell_ahead(1)
    assert outcomes(at_once([partial(place, n) for n in range(1, 41)])) == {"done": 1, "insufficient_stock": 39}
    assert (StockItem.objects.get().waiting, Backorder.objects.count(), broken_rules()) == (1, 1, [])


def test_control_looking_before_counting_sells_it_twice():
    stock("A", 0)
    sell_ahead(1)
    both_have_looked = Barrier(2, timeout=10)

    def naive(order_id):
        with transaction.atomic():
            item = StockItem.objects.get()
            both_have_looked.wait()
            assert item.room_ahead == 1
            StockItem.objects.update(waiting=F("waiting") + 1)
            Backorder.objects.create(item=item, order_id=order_id, order_line_id=order_id, quantity=1)

    assert outcomes(at_once([partial(naive, 1), partial(naive, 2)])) == {"done": 2}
    assert StockItem.objects.get().waiting == 2


def test_an_exchange_holds_the_items_of_both_sides_at_once():
    stock("B", 1)
    stock("A", 0)
    sell_ahead(1)
    place(1)

    def free_items():
        with transaction.atomic():
            return len(StockItem.objects.select_for_update(no_key=True, skip_locked=True))

    with transaction.atomic():
        lock_for_exchange(order_id=1, skus=["B"])
        assert at_once([free_items]) == [0]
    assert at_once([free_items]) == [2]


def test_what_comes_while_others_order_is_promised_once():
    level = stock("A", 5)
    sell_ahead(60)
    works = [partial(place, n) for n in range(1, 41)]
    works[20:20] = [partial(receive, level, n) for n in range(3)]
    at_once(works)

    def serve(order_id):
        with transaction.atomic():
            return allocate_waiting(order_id=order_id, number="", expires_at=None, to=Destination())

    waiting = list(Backorder.objects.filter(state="waiting").order_by("id").values_list("order_id", flat=True))
    assert set(outcomes(at_once([partial(serve, n) for n in waiting]))) == {"done"}
    on_hand, _ = counters(level)
    assert (on_hand, broken_rules()) == (20, [])
    for _ in waiting:
        for order_id in waiting:
            serve(order_id)
    assert (counters(level), StockItem.objects.get().waiting) == ((20, 20), 20)
    assert broken_rules() == []


def receive(level, number):
    code = level.warehouse.code
    return receive_stock(sku="A", warehouse_code=code, quantity=5, cause=f"po:{number}", by=TESTS)
