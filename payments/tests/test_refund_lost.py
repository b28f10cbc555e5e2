"""What was paid for a package that is lost goes back line by line."""

import pytest

from orders.services import lose_shipment, pack_shipment, ship_shipment
from orders.tests.factories import TESTS, fresh
from orders.tests.http import post, staff
from payments.tests.factories import broken_promises, paid_order

pytestmark = pytest.mark.django_db


def test_units_of_a_lost_package_are_refunded_and_stay_shipped() -> None:
    order, payment = paid_order()
    package = pack_shipment(order_id=order.pk, by=TESTS)
    ship_shipment(shipment_id=package.pk, by=TESTS)
    lose_shipment(shipment_id=package.pk, by=TESTS)
    line = order.lines.get(sku="MUG").pk
    body = {"lines": [{"line": line, "quantity": 3}], "reason": "lost"}
    answer = post(staff("customer_service"), f"payments/{payment.pk}/refunds", body)
    assert (answer.status_code, answer.json()["amount"]) == (201, "36.00")
    assert (fresh(order).status, fresh(order).shipments.get().status) == ("shipped", "lost")
    assert broken_promises() == []
