from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.models import StockLevel, StockMovement
from inventory.tests.checks import refused
from kernel.errors import Invalid, NotAllowedNow, NotFound
from orders.errors import TooMany
from orders.models import Order, Return
from orders.services import Arrival, Wish, approve_return, receive_return, reject_return, request_return
from orders.tests.factories import TESTS, buyable, delivered, fresh, shipped

pytestmark = pytest.mark.django_db


def wish(order: Order, quantity: int) -> Return:
    wishes = [Wish(line_id=order.lines.first().pk, quantity=quantity, reason="damaged")]
    return request_return(order_id=order.pk, wishes=wishes, by=TESTS)


def arrive(ret: Return, quantity: int, *, restock: bool = True) -> Return:
    line_id = ret.lines.get().line_id
    arrivals = [Arrival(line_id=line_id, quantity=quantity, condition="new", restock=restock)]
    return receive_return(return_id=ret.pk, arrivals=arrivals, by=TESTS)


def approved(order: Order, quantity: int) -> Return:
    return approve_return(return_id=wish(order, quantity).pk, by=TESTS)


def test_what_comes_back_whole_goes_on_the_shelf_again() -> None:
    buyable("MUG", quantity=5)
    order = delivered(("MUG", 2))
    ret = wish(order, 2)
    assert (ret.number, ret.status, fresh(order).return_status) == (f"{order.number}-R1", "requested", "requested")
    ret = approve_return(return_id=ret.pk, by=TESTS)
    assert arrive(ret, 2).status == "received"
    order = fresh(order)
    assert (order.status, order.return_status) == ("returned", "returned")
    assert order.shipments.get().status == "returned"
    assert StockLevel.objects.get().on_hand == 5
    assert StockMovement.objects.get(kind="returned").cause == f"return:{ret.number}"


def test_damaged_goods_stay_off_the_shelf() -> None:
    buyable("MUG", quantity=5)
    order = delivered(("MUG", 2))
    arrive(approved(order, 1), 1, restock=False)
    assert (fresh(order).status, fresh(order).return_status) == ("delivered", "partially_returned")
    assert StockLevel.objects.get().on_hand == 3


def test_what_did_not_come_may_be_returned_later() -> None:
    buyable("MUG", quantity=5)
    order = delivered(("MUG", 3))
    arrive(approved(order, 3), 1)
    assert fresh(order).lines.get().returned == 1
    arrive(approved(order, 2), 2)
    assert fresh(order).status == "returned"


@pytest.mark.parametrize("stage", [shipped])
def test_only_what_was_delivered_can_come_back(stage) -> None:
    buyable()
    with refused(NotAllowedNow):
        wish(stage(), 1)
    assert not Return.objects.exists()


def test_no_unit_is_returned_twice() -> None:
    buyable("MUG", quantity=5)
    order = delivered(("MUG", 2))
    ret = approved(order, 1)
    with refused(TooMany):
        wish(order, 2)
    with refused(TooMany):
        arrive(ret, 2)
    arrive(ret, 1)
    with refused(NotAllowedNow):
        arrive(ret, 1)
    assert fresh(order).lines.get().returned == 1
    assert StockLevel.objects.get().on_hand == 4


def test_must_be_approved_before_it_is_received() -> None:
    buyable()
    ret = wish(delivered(), 1)
    with refused(NotAllowedNow):
        arrive(ret, 1)
    assert fresh(ret.order).return_status == "requested"


def test_a_rejected_return_is_over() -> None:
    buyable()
    order = delivered()
    ret = reject_return(return_id=wish(order, 1).pk, reason="used", by=TESTS)
    assert (ret.status, fresh(order).return_status) == ("rejected", "none")
    with refused(NotAllowedNow):
        approve_return(return_id=ret.pk, by=TESTS)
    assert wish(order, 1).number == f"{order.number}-R2"


def test_not_after_the_window_has_closed(settings) -> None:
    buyable()
    order = delivered()
    Order.objects.update(delivered_at=timezone.now() - timedelta(days=settings.SHOP_RETURN_DAYS, seconds=1))
    with refused(NotAllowedNow):
        wish(order, 1)


def test_lines_are_the_orders_own_and_named_once() -> None:
    buyable("MUG", quantity=5)
    order, other = delivered(("MUG", 2)), delivered(("MUG", 1))
    with refused(NotFound):
        request_return(order_id=order.pk, wishes=[Wish(other.lines.get().pk, 1, "other")], by=TESTS)
    twice = [Wish(order.lines.get().pk, 1, "other")] * 2
    with refused(Invalid):
        request_return(order_id=order.pk, wishes=twice, by=TESTS)
    assert not Return.objects.exists()
