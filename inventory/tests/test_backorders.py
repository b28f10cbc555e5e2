from datetime import date, timedelta

import pytest
from django.utils import timezone

from audit.doctor import check
from inventory.backorders.allocating import allocate_waiting, orders_to_serve
from inventory.backorders.availability import supply_for
from inventory.backorders.selling import cancel_waiting
from inventory.backorders.terms import BackorderTerms, set_backorder_terms
from inventory.errors import InsufficientStock
from inventory.invariants import INVARIANTS
from inventory.models import Backorder, StockItem
from inventory.routing import Destination
from inventory.services import Want, receive_stock, reserve
from inventory.tests.checks import broken_rules, counters, refused, states, unhealthy_history
from inventory.tests.factories import TESTS, stock

pytestmark = pytest.mark.django_db
SOON = timezone.localdate() + timedelta(days=30)


@pytest.fixture
def level():
    level = stock("A", 2)
    terms(limit=5, expected_on=SOON)
    return level


def terms(**fields):
    return set_backorder_terms(sku="A", terms=BackorderTerms(**fields), by=TESTS)


def order(order_id, quantity):
    return reserve(order_id=order_id, wants=[Want(order_id, "A", quantity)], expires_at=None, number=f"W{order_id}")


def waiting():
    rows = Backorder.objects.filter(state="waiting").order_by("id")
    return list(rows.values_list("order_number", "quantity")), StockItem.objects.get(sku="A").waiting


def receive(level, quantity):
    receive_stock(sku="A", warehouse_code=level.warehouse.code, quantity=quantity, cause="po:1", by=TESTS)


def serve():
    for order_id in orders_to_serve():
        allocate_waiting(order_id=order_id, number=f"W{order_id}", expires_at=None, to=Destination())


def test_sells_what_is_there_and_the_rest_ahead(level):
    order(1, 4)
    assert (counters(level), states(1), waiting()) == ((2, 2), [(1, "committed", 2)], ([("W1", 2)], 2))
    assert Backorder.objects.get().promised_on == SOON
    assert (broken_rules(), unhealthy_history()) == ([], [])


def test_sells_no_more_ahead_than_the_limit(level):
    order(1, 4)
    with refused(InsufficientStock) as refusal:
        order(2, 4)
    assert refusal.value.extra["items"] == [{"sku": "A", "requested": 4, "available": 3}]
    assert (waiting(), states(2)) == (([("W1", 2)], 2), [])
    order(2, 3)
    assert waiting() == ([("W1", 2), ("W2", 3)], 5)


def test_an_item_without_terms_or_shelf_is_not_sold_ahead():
    stock("A", 0).delete()
    with refused(InsufficientStock):
        order(1, 1)
    terms(limit=1, available_from=SOON)
    order(1, 1)
    assert (waiting(), broken_rules()) == (([("W1", 1)], 1), [])


def test_what_comes_goes_to_whoever_waits_longest_and_to_nobody_else(level):
    order(1, 4)
    order(2, 2)
    receive(level, 3)
    with refused(InsufficientStock):
        order(3, 3)
    serve()
    assert (states(1), states(2)) == ([(1, "committed", 2), (1, "committed", 2)], [(2, "committed", 1)])
    assert (waiting(), counters(level)) == (([("W2", 1)], 1), (5, 5))
    assert (broken_rules(), unhealthy_history()) == ([], [])


def test_a_later_one_is_not_served_before_its_turn(level):
    order(1, 4)
    order(2, 2)
    receive(level, 2)
    assert allocate_waiting(order_id=2, number="W2", expires_at=None, to=Destination()) == {}
    assert waiting() == ([("W1", 2), ("W2", 2)], 4)


def test_new_orders_are_served_from_what_is_left_over(level):
    order(1, 4)
    receive(level, 10)
    order(2, 8)
    assert (states(2), waiting()) == ([(2, "committed", 8)], ([("W1", 2)], 2))
    serve()
    assert (waiting(), counters(level)) == (([], 0), (12, 12))


def test_nobody_waits_for_what_was_cancelled(level):
    order(1, 5)
    cancel_waiting(order_id=1, quantities={1: 2})
    assert waiting() == ([("W1", 1)], 1)
    assert sorted(Backorder.objects.values_list("state", "quantity")) == [("cancelled", 2), ("waiting", 1)]
    assert broken_rules() == []


def test_what_customers_are_told(level):
    supply = supply_for(["A", "NOPE"])
    assert (supply["A"].availability(), supply["A"].promised_on()) == ("in_stock", None)
    assert (supply["A"].availability(3), supply["A"].promised_on(3)) == ("backorder", SOON)
    assert (supply["A"].availability(8), supply["A"].promised_on(8)) == ("out_of_stock", None)
    assert supply["NOPE"].availability() == "out_of_stock"
    terms(limit=5, available_from=SOON, expected_on=date(2020, 1, 1))
    told = supply_for(["A"])["A"]
    assert (told.availability(), told.promised_on(), told.promised_on(3)) == ("preorder", SOON, SOON)


def test_the_doctor_sees_a_wrong_count(level):
    order(1, 4)
    StockItem.objects.update(waiting=3)
    (rule,) = [rule for rule in INVARIANTS if rule.name == "stock.waiting"]
    assert check(rule).rows == [("A", 3, 2)]
