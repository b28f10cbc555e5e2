"""Orders for what is not there yet."""

from datetime import date

import pytest
from rest_framework.test import APIClient

from audit.doctor import check
from inventory.backorders.terms import BackorderTerms, set_backorder_terms
from inventory.models import Backorder, Reservation, StockItem
from inventory.services import receive_stock
from inventory.tests.checks import broken_rules, refused
from kernel.errors import NotAllowedNow
from orders.invariants import INVARIANTS
from orders.models import OrderLine
from orders.services import cancel_order, expire_order, pack_shipment, revive_order
from orders.tasks import allocate_waiting
from orders.tests.factories import TESTS, buyable, fresh, pay, place
from orders.tests.http import ready_cart

pytestmark = pytest.mark.django_db
DAY = date(2031, 5, 1)


@pytest.fixture(autouse=True)
def _ahead() -> None:
    buyable("MUG", quantity=2)
    set_backorder_terms(sku="MUG", terms=BackorderTerms(limit=10, expected_on=DAY), by=TESTS)


def arrive(units: int) -> None:
    code = Reservation.objects.first().warehouse.code
    receive_stock(sku="MUG", warehouse_code=code, quantity=units, cause="po:1", by=TESTS)
    allocate_waiting()


def line() -> OrderLine:
    return OrderLine.objects.get()


def holds() -> None:
    broken = [rule.name for rule in INVARIANTS if check(rule)]
    assert (broken, broken_rules()) == ([], [])


def test_an_order_waits_and_cannot_be_packed_whole() -> None:
    order = pay(place(("MUG", 5)))
    assert (line().waiting, line().promised_on) == (3, DAY)
    holds()
    package = pack_shipment(order_id=order.pk, by=TESTS)
    assert package.lines.get().quantity == 2
    with refused(NotAllowedNow):
        pack_shipment(order_id=order.pk, by=TESTS)
    arrive(3)
    assert pack_shipment(order_id=order.pk, by=TESTS).lines.get().quantity == 3
    assert fresh(order).status == "packed"
    holds()


def test_the_promise_counts_from_the_day_on_which_the_goods_are_to_come() -> None:
    there, waits = place(("MUG", 1)), place(("MUG", 5))
    assert there.ship_by.date() < DAY <= fresh(waits).ship_by.date()
    assert fresh(waits).deliver_by > DAY
    pay(waits)
    assert fresh(waits).ship_by.date() >= DAY
    arrive(4)
    early = place(("MUG", 5))
    arrive(5)
    assert pay(fresh(early)).ship_by.date() < DAY, "the goods came before the money"


def test_what_comes_for_an_unpaid_order_is_held_until_it_expires() -> None:
    order = place(("MUG", 5))
    arrive(1)
    assert set(Reservation.objects.values_list("state", "expires_at")) == {("held", order.expires_at)}
    assert (line().waiting, fresh(order).version, line().promised_on) == (2, 2, DAY)
    pay(fresh(order))
    assert set(Reservation.objects.values_list("state", flat=True)) == {"committed"}
    holds()


def test_what_has_not_come_is_given_up_first() -> None:
    order = place(("MUG", 5))
    cancel_order(order_id=order.pk, reason="", lines={line().pk: 4}, by=TESTS)
    assert (line().waiting, Reservation.objects.filter(state="held").get().quantity) == (0, 1)
    holds()
    cancel_order(order_id=order.pk, reason="", by=TESTS)
    assert StockItem.objects.get().waiting == 0
    holds()


def test_an_expired_order_waits_no_more_and_waits_again_when_it_is_paid_late() -> None:
    order = place(("MUG", 5))
    type(order).objects.filter(pk=order.pk).update(expires_at=order.created_at)
    expire_order(order_id=order.pk, by=TESTS)
    assert (StockItem.objects.get().waiting, Backorder.objects.get().state) == (0, "cancelled")
    pay(fresh(order), order.total)
    revive_order(order_id=order.pk, by=TESTS)
    assert (line().waiting, StockItem.objects.get().waiting) == (3, 3)
    holds()


def test_a_cart_tells_when_and_the_order_repeats_it() -> None:
    (item,) = ready_cart(APIClient(), ("MUG", 5))["items"]
    assert (item["availability"], item["promised_at"]) == ("backorder", "2031-05-01")
    (item,) = ready_cart(APIClient(), ("MUG", 1))["items"]
    assert (item["availability"], item["promised_at"]) == ("in_stock", None)
    too_many = ready_cart(APIClient(), ("MUG", 13))
    assert too_many["items"][0]["availability"] == "out_of_stock"
    assert [problem["code"] for problem in too_many["problems"]] == ["insufficient_stock"]


def test_a_line_that_shows_another_number_is_found() -> None:
    place(("MUG", 5))
    OrderLine.objects.update(waiting=1)
    assert [rule.name for rule in INVARIANTS if check(rule) and rule.name == "orders.waiting"] == ["orders.waiting"]
