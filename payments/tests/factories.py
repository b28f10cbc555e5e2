"""Payments for tests, made by the services themselves."""

from decimal import Decimal

from audit.doctor import examine
from orders.models import Order
from orders.tests.factories import TESTS, buyable, fresh, place
from payments.models import Payment
from payments.services import record_manual_payment


def paid_by_hand(order: Order, amount: str | None = None) -> Payment:
    """Money for the order, received by hand: all that is due unless an amount is given."""
    given = None if amount is None else Decimal(amount)
    return record_manual_payment(order_id=order.pk, amount=given, by=TESTS)


def paid_order(*lines: tuple[str, int]) -> tuple[Order, Payment]:
    """Three mugs and two bowls, unless lines are given, paid in full: €36 + €24 of goods and tax, €5 to send it."""
    buyable("MUG", price="10.00")
    buyable("BOWL", price="10.00")
    order = place(*(lines or (("MUG", 3), ("BOWL", 2))))
    payment = paid_by_hand(order)
    return fresh(order), payment


def broken_promises() -> list[str]:
    """The invariants that do not hold, but for the outbox that nobody empties in a test."""
    return [found.invariant.name for found in examine() if found.invariant.name != "events.delivered"]
