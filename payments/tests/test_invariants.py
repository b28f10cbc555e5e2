"""Each invariant finds the damage it is there for; the constraints that would refuse it are out of the way."""

from decimal import Decimal

import pytest
from django.db import connection

from orders.services import cancel_order
from orders.tests.factories import TESTS
from payments.services import Wanted, refund_payment
from payments.tests.factories import broken_promises, paid_order

pytestmark = pytest.mark.django_db
OFF = "ALTER TABLE payments_payment DROP CONSTRAINT payment_refunded_captured_authorized_in_order"


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE payments_payment SET captured = amount + 1, refunded = 5",
         ["payments.amounts", "payments.order", "payments.owed"]),
        ("UPDATE payments_payment SET currency = 'USD'", ["payments.amounts"]),
        ("UPDATE payments_payment SET amount = amount + 0.001", ["payments.decimals"]),
        ("UPDATE payments_refund SET amount = amount + 1", ["payments.refunds"]),
        ("UPDATE payments_refund SET status = 'failed'", ["payments.refunds"]),
        ("UPDATE payments_payment SET refunded = 0, refunding = 5", ["payments.refunds", "payments.order"]),
        ("UPDATE orders_order SET captured_total = captured_total + 1", ["payments.order"]),
        ("UPDATE payments_payment SET provider_reference = 'p'; UPDATE payments_refund SET provider_reference = 'p'",
         ["payments.provider_references"]),
        ("UPDATE payments_refund SET cause = 'cancelled'", ["payments.given_back_total", "payments.given_back"]),
    ],
)  # fmt: skip
def test_damage_is_found(damage: str, found: list[str]) -> None:
    _, payment = paid_order()
    refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(5)), reason="x", by=TESTS)
    assert broken_promises() == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(OFF)
        for statement in damage.split("; "):
            cursor.execute(statement)
    assert [name for name in broken_promises() if name.startswith("payments.")] == found


def test_money_kept_of_a_cancelled_order_is_found() -> None:
    order, _ = paid_order()
    cancel_order(order_id=order.pk, reason="x", by=TESTS)
    assert broken_promises() == ["payments.owed"]
