"""A return that two people receive at once is received once."""

from functools import partial
from threading import Barrier

import pytest
from django.db.models import F

from inventory.models import StockLevel
from orders.models import Order, OrderLine, Return, ReturnUnit
from orders.services import Arrival, Wish, approve_return, receive_return, request_return
from orders.states import ReturnState
from orders.tests.factories import TESTS, buyable, delivered
from tests.concurrency.racing import at_once, outcomes

pytestmark = pytest.mark.django_db(transaction=True)


def approved() -> tuple[Return, OrderLine]:
    """One of two delivered units on its way back."""
    buyable("MUG", quantity=10)
    order: Order = delivered(("MUG", 2))
    line = order.lines.get()
    ret = request_return(order_id=order.pk, wishes=[Wish(line.pk, 1, "other")], by=TESTS)
    return approve_return(return_id=ret.pk, by=TESTS), line


def test_it_counts_and_restocks_once() -> None:
    ret, line = approved()
    arrivals = [Arrival(line.pk, 1, "new", True)]
    results = at_once([partial(receive_return, return_id=ret.pk, arrivals=arrivals, by=TESTS)] * 8, threads=8)
    assert outcomes(results) == {"done": 1, "not_allowed_now": 7}
    line.refresh_from_db()
    assert (line.returned, StockLevel.objects.get().on_hand, ReturnUnit.objects.count()) == (1, 9, 1)


def test_without_the_lock_it_would_count_twice() -> None:
    ret, line = approved()
    both_have_looked = Barrier(2)

    def look_then_write() -> None:
        assert Return.objects.get(pk=ret.pk).status == ReturnState.APPROVED
        both_have_looked.wait(timeout=60)
        OrderLine.objects.filter(pk=line.pk).update(returned=F("returned") + 1)
        Return.objects.filter(pk=ret.pk).update(status=ReturnState.RECEIVED)

    assert outcomes(at_once([look_then_write] * 2, threads=2)) == {"done": 2}
    line.refresh_from_db()
    assert line.returned == 2
