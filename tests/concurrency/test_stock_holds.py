"""Stock that is counted down and up again while the orders that it lacks are being held."""

import pytest
from django.db import transaction

from inventory.models import Shortfall, StockLevel
from inventory.services import adjust_stock
from kernel.errors import Busy
from orders.exceptions.stock import WATCHER, settle_stock_holds
from orders.models import Hold
from orders.services import place_hold
from orders.tests.factories import TESTS, buyable, paid
from tests.concurrency.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def count(on_hand: int) -> None:
    code = StockLevel.objects.get().warehouse.code
    adjust_stock(sku="MUG", warehouse_code=code, on_hand=on_hand, reason="count", by=TESTS)


def standing() -> tuple[int, int]:
    """Open shortfalls, open holds."""
    return Shortfall.objects.filter(closed_at=None).count(), Hold.objects.filter(released_at=None).count()


def short() -> int:
    """An order by id, of whose goods some are missing."""
    buyable("MUG", quantity=5)
    order = paid(("MUG", 5))
    count(2)
    return order.pk


def found_and_settled() -> list[tuple[list[int], list[int]]]:
    count(5)
    return [settle_stock_holds(by=TESTS)]


def test_whoever_comes_meanwhile_tries_again_and_leaves_no_hold() -> None:
    short()
    with transaction.atomic():
        assert len(settle_stock_holds(by=TESTS)[0]) == 1
        (second,) = at_once([found_and_settled])
    assert isinstance(second, Busy)
    assert standing() == (0, 1)
    settle_stock_holds(by=TESTS)
    assert standing() == (0, 0)


def test_control_without_the_lock_the_hold_is_left_behind() -> None:
    order_id = short()
    with transaction.atomic():
        place_hold(order_id=order_id, kind="stock", note="3 of MUG are missing.", by=WATCHER)
        assert at_once([found_and_settled]) == [[([], [])]]
    assert standing() == (0, 1)
