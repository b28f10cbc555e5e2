"""Units that came back are refunded or replaced, never both."""

import pytest

from orders.models import Order
from orders.services import (
    Arrival,
    Swap,
    Wish,
    approve_return,
    cancel_order,
    deliver_shipment,
    exchange_return,
    pack_shipment,
    receive_return,
    request_return,
    ship_shipment,
)
from orders.tests.factories import TESTS, fresh
from orders.tests.http import fields, post, staff
from payments.models import Payment, Refund
from payments.tests.factories import broken_promises, paid_order

pytestmark = pytest.mark.django_db


def came_back() -> tuple[Order, Payment, int, int]:
    """An order whose three mugs were received; its payment, the return and the line by id."""
    order, payment = paid_order()
    package = pack_shipment(order_id=order.pk, by=TESTS)
    ship_shipment(shipment_id=package.pk, by=TESTS)
    deliver_shipment(shipment_id=package.pk, by=TESTS)
    line = order.lines.get(sku="MUG").pk
    ret = request_return(order_id=order.pk, wishes=[Wish(line, 3, "other")], by=TESTS)
    approve_return(return_id=ret.pk, by=TESTS)
    receive_return(return_id=ret.pk, arrivals=[Arrival(line, 3, "new", True)], by=TESTS)
    return order, payment, ret.pk, line


def test_units_that_were_exchanged_are_not_refunded() -> None:
    _, payment, ret, line = came_back()
    exchange = exchange_return(return_id=ret, swaps=[Swap(line, 2)], by=TESTS).exchange_order
    path = f"payments/{payment.pk}/refunds"
    answer = post(staff("admin"), path, {"lines": [{"line": line, "quantity": 2}], "reason": "came back"})
    assert (answer.status_code, answer.json()["code"], fields(answer)) == (400, "invalid", ["lines"])
    assert not Refund.objects.exists()
    body = {"lines": [{"line": line, "quantity": 1}], "reason": "came back"}
    assert post(staff("admin"), path, body).json()["amount"] == "12.00"
    cancel_order(order_id=exchange.pk, reason="rather the money", by=TESTS)
    assert post(staff("admin"), path, body | {"lines": [{"line": line, "quantity": 2}]}).status_code == 201
    assert broken_promises() == []


def test_units_that_were_refunded_are_not_exchanged() -> None:
    order, payment, _, line = came_back()
    body = {"lines": [{"line": line, "quantity": 2}], "reason": "came back"}
    assert post(staff("admin"), f"payments/{payment.pk}/refunds", body).status_code == 201
    path = f"returns/{fresh(order).returns.get().number}/exchange"
    answer = post(staff("admin"), path, {"lines": [{"line": line, "quantity": 2}]})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_allowed_now"), answer.json()
    assert fresh(order).returns.get().exchange_order is None
    assert post(staff("admin"), path, {"lines": [{"line": line, "quantity": 1}]}).status_code < 300
