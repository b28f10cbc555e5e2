from decimal import Decimal

import pytest

from orders.events import OrderCancelled, OrderExpired, OrderLinesCancelled
from orders.models import Order
from orders.services import cancel_order, expire_order
from orders.tests.factories import TESTS, buyable, fresh, place
from payments.handlers import refund_cancelled, refund_cancelled_lines
from payments.models import Refund
from payments.services import Wanted, refund_payment
from payments.tests.factories import broken_promises, paid_by_hand, paid_order

pytestmark = pytest.mark.django_db


def cancel(order: Order, *lines: tuple[str, int]) -> Order:
    ids = {line.sku: line.pk for line in order.lines.all()}
    chosen = {ids[sku]: count for sku, count in lines} or None
    return cancel_order(order_id=order.pk, reason="changed my mind", lines=chosen, by=TESTS)


def cancelled(order: Order) -> OrderCancelled:
    return OrderCancelled(order_id=order.pk, version=order.version)


def lines_cancelled(order: Order) -> OrderLinesCancelled:
    return OrderLinesCancelled(order_id=order.pk, version=order.version)


def given_back() -> list[Decimal]:
    return list(Refund.objects.order_by("pk").values_list("amount", flat=True))


def test_all_of_a_cancelled_order_goes_back_and_running_twice_is_running_once() -> None:
    order, _ = paid_order()
    event = cancelled(cancel(order))
    assert broken_promises() == ["payments.owed"]
    refund_cancelled(event)
    refund_cancelled(event)
    refund = Refund.objects.get()
    assert (refund.amount, refund.cause, refund.reason) == (65, "cancelled", "changed my mind")
    assert refund.created_by == "system:refund_cancelled"
    after = fresh(order)
    assert (after.status, after.payment_status, after.refunded_total) == ("cancelled", "refunded", 65)
    assert broken_promises() == []


def test_an_unpaid_order_has_nothing_to_give_back() -> None:
    buyable()
    order = place()
    refund_cancelled(cancelled(cancel(order)))
    assert not Refund.objects.exists()
    assert fresh(order).version == 2


def test_an_expired_order_gives_back_the_part_that_was_paid() -> None:
    buyable()
    order = place()
    paid_by_hand(order, "10.00")
    Order.objects.filter(pk=order.pk).update(expires_at=order.created_at)
    expired = expire_order(order_id=order.pk, by=TESTS)
    refund_cancelled(OrderExpired(order_id=order.pk, version=expired.version))
    assert given_back() == [10]


def test_cancelled_lines_give_back_exactly_their_value_line_after_line() -> None:
    order, _ = paid_order()
    refund_cancelled_lines(lines_cancelled(cancel(order, ("BOWL", 1))))
    refund_cancelled_lines(lines_cancelled(cancel(order, ("MUG", 2))))
    assert given_back() == [12, 24]
    last = cancel(fresh(order), ("MUG", 1), ("BOWL", 1))
    assert last.status == "cancelled"
    refund_cancelled(cancelled(last))
    assert given_back() == [12, 24, 29]
    assert fresh(order).payment_status == "refunded"


def test_two_cancellations_before_the_first_is_handled_are_refunded_once() -> None:
    order, _ = paid_order()
    first = lines_cancelled(cancel(order, ("BOWL", 1)))
    second = lines_cancelled(cancel(order, ("MUG", 2)))
    refund_cancelled_lines(second)
    refund_cancelled_lines(first)
    assert given_back() == [36]


def test_part_payments_are_given_back_newest_first() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 3))
    old, new = paid_by_hand(order, "21.00"), paid_by_hand(order, "20.00")
    refund_cancelled_lines(lines_cancelled(cancel(order, ("MUG", 2))))
    refunds = list(Refund.objects.order_by("pk").values_list("payment", "amount"))
    assert refunds == [(new.pk, 20), (old.pk, 4)]


def test_cancelling_what_was_never_paid_gives_nothing_back() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 3))
    paid_by_hand(order, "17.00")
    refund_cancelled_lines(lines_cancelled(cancel(order, ("MUG", 2))))
    assert given_back() == []
    assert (fresh(order).status, fresh(order).payment_status) == ("paid", "paid")


def test_a_goodwill_refund_is_not_set_off_against_a_later_cancellation() -> None:
    order, payment = paid_order()
    refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(5)), reason="goodwill", by=TESTS)
    refund_cancelled_lines(lines_cancelled(cancel(order, ("BOWL", 1))))
    assert given_back() == [5, 12]


def test_never_more_goes_back_than_is_left() -> None:
    order, payment = paid_order()
    refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(60)), reason="goodwill", by=TESTS)
    refund_cancelled(cancelled(cancel(order)))
    assert given_back() == [60, 5]


def test_units_refunded_before_they_were_cancelled_are_given_back_once() -> None:
    order, payment = paid_order()
    bowls = order.lines.get(sku="BOWL")
    refund_payment(payment_id=payment.pk, wanted=Wanted(lines={bowls.pk: 1}), reason="out of stock", by=TESTS)
    refund_cancelled_lines(lines_cancelled(cancel(order, ("BOWL", 2))))
    assert given_back() == [12, 12]
    assert broken_promises() == []
    refund_cancelled(cancelled(cancel(fresh(order), ("MUG", 3))))
    assert given_back() == [12, 12, 41]
    assert broken_promises() == []
