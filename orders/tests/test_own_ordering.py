"""Who sees the stock of some warehouses orders from these, and is told of no other unit."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Partner
from accounts.tests.factories import PartnerFactory, partner_client
from inventory.errors import InsufficientStock
from inventory.models import Reservation, StockLevel
from inventory.tests.factories import WarehouseFactory
from orders.models import Order, Return
from orders.services import (
    Swap,
    Wish,
    approve_return,
    deliver_shipment,
    exchange_return,
    expire_order,
    request_return,
    revive_order,
)
from orders.services import ship_shipment as ship
from orders.tests.factories import ADDRESS, TESTS, fresh, pay
from orders.tests.http import get, post, ready_cart
from orders.tests.own import near_and_far, partner, person, split, two_warehouses

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_warehouses() -> None:
    two_warehouses()


def sandbox(warehouses: list[str] | None) -> APIClient:
    return partner_client(PartnerFactory(warehouses=warehouses), sandbox=True)


# Who orders, and how many mugs there are for them.
BUYERS = {
    "partner with a list": (lambda: partner(["NEAR"]), 10),
    "partner of the other": (lambda: partner(["FAR"]), 20),
    "partner with an empty list": (lambda: partner([]), 0),
    "partner with null": (lambda: partner(None), 30),
    "sandbox token with a list": (lambda: sandbox(["NEAR"]), 10),
    "sandbox token with null": (lambda: sandbox(None), 30),
    "limited person": (lambda: person("NEAR"), 10),
    "unlimited person": (person, 30),
    "customer service, whom a list does not limit": (lambda: person("NEAR", role="customer_service"), 30),
}


def direct(client: APIClient, units: int) -> Any:
    body = {"lines": [{"sku": "MUG", "quantity": units}], "email": "a@example.com", "shipping_address": ADDRESS}
    return post(client, "orders", body)


def taken() -> dict[str, int]:
    return dict(StockLevel.objects.filter(reserved__gt=0).values_list("warehouse__code", "reserved"))


@pytest.mark.parametrize("buyer", BUYERS)
def test_an_order_that_asks_for_more_is_refused_with_the_number_there_is_for_the_caller(buyer: str) -> None:
    make, there = BUYERS[buyer]
    answer = direct(make(), there + 1)
    said = answer.json()
    assert (answer.status_code, said["code"]) == (409, "insufficient_stock")
    assert said["items"] == [{"sku": "MUG", "requested": there + 1, "available": there}]
    assert [problem["detail"] for problem in said["errors"]] == [f"Only {there} available."]
    assert (Order.objects.count(), taken()) == (0, {})


@pytest.mark.parametrize("buyer", BUYERS)
def test_a_cart_tells_the_number_there_is_for_the_caller(buyer: str) -> None:
    make, there = BUYERS[buyer]
    client = make()
    cart = ready_cart(client, ("MUG", 1_000_000))
    assert [problem["detail"] for problem in cart["problems"]] == [f"MUG: {there} available."]
    answer = post(client, "orders", {"cart": cart["id"]})
    assert (answer.status_code, answer.json()["items"][0]["available"]) == (409, there)
    assert (Order.objects.count(), taken()) == (0, {})


TAKEN = {
    "partner with a list": {"NEAR": 10},
    "partner of the other": {"FAR": 20},
    "partner with null": {"NEAR": 10, "FAR": 20},
    "sandbox token with a list": {},
    "limited person": {"NEAR": 10},
    "unlimited person": {"NEAR": 10, "FAR": 20},
}


@pytest.mark.parametrize("buyer", TAKEN)
@pytest.mark.parametrize("by_cart", [True, False], ids=["cart", "direct"])
def test_an_order_takes_from_the_warehouses_that_the_caller_sees(buyer: str, by_cart: bool) -> None:
    make, there = BUYERS[buyer]
    client = make()
    if by_cart:
        answer = post(client, "orders", {"cart": ready_cart(client, ("MUG", there))["id"]})
    else:
        answer = direct(client, there)
    assert (answer.status_code, taken()) == (201, TAKEN[buyer])


def test_customers_and_guests_are_served_from_everywhere() -> None:
    for client in (person(role="customer"), APIClient()):
        cart = ready_cart(client, ("MUG", 31))
        assert cart["problems"][0]["detail"] == "MUG: 30 available."


def test_ordering_costs_the_limited_no_more() -> None:
    costs = []
    for client in (partner(["NEAR"]), partner(None)):
        direct(client, 1)
        with CaptureQueriesContext(connection) as captured:
            assert direct(client, 1).status_code == 201
        costs.append(len(captured))
    assert costs[0] == costs[1]


def expired(owner: Partner) -> Order:
    order = Order.objects.get(number=direct(partner_client(owner), 10).json()["number"])
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    expire_order(order_id=order.pk, by=TESTS)
    Order.objects.filter(pk=order.pk).update(captured_total=order.total)
    return order


def test_an_order_paid_too_late_takes_again_from_where_its_partner_may() -> None:
    limited, free = (expired(PartnerFactory(warehouses=given)) for given in (["NEAR"], None))
    assert direct(partner(["NEAR"]), 10).status_code == 201
    with pytest.raises(InsufficientStock), transaction.atomic():
        revive_order(order_id=limited.pk, by=TESTS)
    revive_order(order_id=free.pk, by=TESTS)
    held = Reservation.objects.open().filter(order_id__in=[limited.pk, free.pk])
    assert list(held.values_list("order_id", "warehouse__code", "quantity")) == [(free.pk, "FAR", 10)]


def test_a_partner_hears_of_its_package_and_not_of_a_warehouse_that_it_was_not_given() -> None:
    mine = PartnerFactory(warehouses=["NEAR"])
    order = split(mine)
    near_and_far(order)
    told = {}
    for given in (["NEAR"], [], None):
        mine.warehouses = given
        mine.save()
        client = partner_client(mine)
        one, listed = get(client, f"orders/{order.number}").json(), get(client, "orders").json()["results"][0]
        assert one["shipments"] == listed["shipments"]
        told[str(given)] = [(package["number"][-2:], package["warehouse"]) for package in one["shipments"]]
    assert told == {
        "['NEAR']": [("-1", "NEAR"), ("-2", "")],
        "[]": [("-1", ""), ("-2", "")],
        "None": [("-1", "NEAR"), ("-2", "FAR")],
    }
    staff = get(person("NEAR"), f"orders/{order.number}").json()["shipments"]
    assert [package["warehouse"] for package in staff] == ["NEAR", "FAR"]


def sent_back(code: str) -> Return:
    """Two mugs that left from there, on their way back."""
    number = direct(partner([code]), 2).json()["number"]
    order = pay(Order.objects.get(number=number))
    package = post(person(), f"orders/{number}/shipments", {}).json()["number"]
    shipment = fresh(order).shipments.get(number=package)
    ship(shipment_id=shipment.pk, by=TESTS)
    deliver_shipment(shipment_id=shipment.pk, by=TESTS)
    ret = request_return(order_id=order.pk, wishes=[Wish(order.lines.get().pk, 2, "other")], by=TESTS)
    return approve_return(return_id=ret.pk, by=TESTS)


def receive(client: APIClient, ret: Return, *, shelf: bool) -> Any:
    part = {"line": ret.lines.get().line_id, "quantity": 2, "condition": "new", "restock": shelf}
    return post(client, f"returns/{ret.number}/receive", {"lines": [part]})


def test_an_exchange_takes_from_where_its_partner_may() -> None:
    ret = sent_back("FAR")
    receive(person(), ret, shelf=True)
    ret = exchange_return(return_id=ret.pk, swaps=[Swap(ret.lines.get().line_id, 1)], by=TESTS)
    held = Reservation.objects.open().filter(order_id=ret.exchange_order_id)
    assert list(held.values_list("warehouse__code", "quantity")) == [("FAR", 1)]


def test_what_comes_back_is_put_on_own_shelves_only() -> None:
    WarehouseFactory(code="SOUTH")
    far = sent_back("FAR")
    levels = StockLevel.objects.order_by("warehouse__code").values_list("warehouse__code", "on_hand")
    before = dict(levels.all())
    answer = receive(person("NEAR", "SOUTH"), far, shelf=True)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "warehouse")
    far.refresh_from_db()
    assert (far.status, dict(levels.all())) == ("approved", before)
    assert receive(person("NEAR"), far, shelf=True).json()["lines"][0]["restocked"] == 2
    assert dict(levels.all()) == before | {"NEAR": before["NEAR"] + 2}


@pytest.mark.parametrize("own", [["FAR"], ["NEAR", "FAR"], []])
def test_what_comes_back_goes_to_the_shelf_by_those_who_have_it(own: list[str]) -> None:
    assert receive(person(*own), sent_back("FAR"), shelf=True).status_code == 200
    assert StockLevel.objects.get(warehouse__code="FAR").on_hand == 20
