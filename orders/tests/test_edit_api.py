"""Edits over HTTP: by owners and staff, rehearsed, at a version, and never in part."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory, client_for
from inventory.models import StockLevel
from orders.models import Order
from orders.tests.factories import buyable, fresh, pay, place
from orders.tests.http import fields, post, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> User:
    return UserFactory.create(role="customer")


@pytest.fixture
def order(customer: User) -> Order:
    buyable("MUG", price="10.00")
    buyable("BOWL", price="5.00")
    return pay(place(("MUG", 2), user=customer))


def edit(client: APIClient, order: Order, query: str = "", **body: Any) -> Any:
    return post(client, f"orders/{order.number}/edit{query}", body)


def test_an_owner_sees_what_would_become_of_it_before_it_does(customer: User, order: Order) -> None:
    client, line = client_for(customer), order.lines.get()
    changes = {"lines": [{"line": line.pk, "quantity": 1}], "add": [{"sku": "BOWL", "quantity": 4}]}
    answer = edit(client, order, "?dry_run=true", **changes)
    assert answer.json()["edit"] == {
        "due_before": "29.00",
        "due": "41.00",
        "difference": "12.00",
        "to_pay": "12.00",
        "to_refund": "0.00",
        "stock": [{"sku": "BOWL", "units": 4}, {"sku": "MUG", "units": -1}],
    }
    assert (fresh(order).version, order.lines.count()) == (order.version, 1)
    body = edit(client, order, **changes).json()
    assert (body["payment_status"], body["status"], len(body["lines"])) == ("partially_paid", "paid", 2)
    assert body["refused_actions"] == {} or "pay" in body["available_actions"]
    assert StockLevel.objects.get(item__sku="BOWL").reserved == 4


def test_only_at_the_version_that_was_seen(order: Order) -> None:
    line = order.lines.get()
    given = {"lines": [{"line": line.pk, "quantity": 1}]}
    path = f"orders/{order.number}/edit"
    assert post(staff("admin"), path, given, if_match='"1"').status_code == 412
    assert fresh(order).version == order.version
    assert post(staff("admin"), path, given, if_match=f'"{order.version}"').status_code == 200


def test_somebody_elses_order_is_not_there(order: Order) -> None:
    stranger = client_for(UserFactory.create(role="customer"))
    assert edit(stranger, order, add=[{"sku": "BOWL", "quantity": 1}]).status_code == 404
    assert order.lines.count() == 1


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"lines": [{"line": 1}]}, ["lines.0.quantity"]),
        ({"lines": [{"line": 1, "quantity": 1, "sku": "MUG"}]}, ["lines.0.quantity"]),
        ({"lines": [{"line": 1, "quantity": -1}]}, ["lines.0.quantity"]),
        ({"add": [{"sku": "BOWL"}]}, ["add.0.quantity"]),
        ({"unit_price": "0.01"}, ["unit_price"]),
        ({}, ["lines"]),
    ],
)
def test_bad_input_names_the_field(order: Order, body: dict[str, Any], named: list[str]) -> None:
    answer = edit(staff("admin"), order, **body)
    assert (answer.status_code, fields(answer)) == (400, named)
    assert fresh(order).version == order.version


def test_what_is_not_there_or_not_sold_names_its_input(order: Order) -> None:
    answer = edit(staff("admin"), order, add=[{"sku": "MUG", "quantity": 1}, {"sku": "BOWL", "quantity": 999}])
    assert (answer.status_code, answer.json()["code"], fields(answer)) == (409, "insufficient_stock", ["add.1.sku"])
    answer = edit(staff("admin"), order, add=[{"sku": "NOTHING", "quantity": 1}])
    assert (answer.status_code, answer.json()["code"], fields(answer)) == (409, "product_unavailable", ["add.0.sku"])
    assert order.lines.count() == 1
