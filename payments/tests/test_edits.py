"""An order edited before it is packed, and its money: what it costs less goes back, what it costs more is asked for."""

from decimal import Decimal

import pytest

from inventory.errors import InsufficientStock
from inventory.models import StockLevel
from inventory.tests.checks import refused
from kernel.errors import Invalid, NotAllowedNow, NotFound, Refused
from orders.errors import ProductUnavailable
from orders.events import OrderEdited
from orders.models import Order, OrderLine
from orders.services import Changes, cancel_order, edit_order, pack_shipment
from orders.tests.factories import TESTS, buyable, fresh, place
from payments.handlers import refund_cancelled, refund_cancelled_lines
from payments.models import Refund
from payments.services import Wanted, refund_payment
from payments.tests.factories import broken_promises, paid_by_hand, paid_order

pytestmark = pytest.mark.django_db


def line_of(order: Order, sku: str) -> OrderLine:
    """The newest line of it."""
    return order.lines.filter(sku=sku).order_by("-pk")[0]


def edit(order: Order, **changes: object) -> Order:
    """Edit, and let what follows from it happen at once."""
    edited = edit_order(order_id=order.pk, changes=Changes(**changes), by=TESTS)  # type: ignore[arg-type]
    refund_cancelled_lines(OrderEdited(order_id=edited.pk, version=edited.version))
    return fresh(edited)


def given_back() -> list[Decimal]:
    return list(Refund.objects.order_by("pk").values_list("amount", flat=True))


def reserved(sku: str) -> int:
    return StockLevel.objects.get(item__sku=sku).reserved


def test_fewer_units_are_free_again_and_paid_back() -> None:
    order, _ = paid_order()
    order = edit(order, quantities={line_of(order, "MUG").pk: 1})
    assert (order.status, order.due, order.cancelled_total) == ("paid", 41, 24)
    assert (reserved("MUG"), given_back()) == (1, [24])
    assert order.transitions.get(verb="edit").reason == "2 × MUG less"
    assert broken_promises() == []


def test_more_units_cost_what_they_cost_now_and_are_asked_for() -> None:
    order, _ = paid_order()
    mug = line_of(order, "MUG")
    mug.product.price = Decimal("20.00")
    mug.product.save()
    order = edit(order, quantities={mug.pk: 4})
    added = line_of(order, "MUG")
    assert (added.quantity, added.unit_price, mug.unit_price) == (1, 20, 10)
    assert (order.status, order.payment_status, order.money().outstanding) == ("paid", "partially_paid", 24)
    assert (reserved("MUG"), given_back()) == (4, [])
    with refused(NotAllowedNow):
        pack_shipment(order_id=order.pk, by=TESTS)
    paid_by_hand(order)
    assert fresh(order).payment_status == "paid"
    pack_shipment(order_id=order.pk, by=TESTS)
    assert broken_promises() == []


def test_another_variant_takes_the_place_of_all_that_is_left_of_a_line() -> None:
    order, _ = paid_order()
    buyable("CUP", price="5.00")
    order = edit(order, replaced={line_of(order, "BOWL").pk: "CUP"})
    assert (reserved("BOWL"), reserved("CUP")) == (0, 2)
    assert (order.due, given_back(), order.payment_status) == (53, [12], "partially_refunded")
    assert broken_promises() == []


def test_what_went_back_has_to_be_paid_again_when_more_is_wanted_again() -> None:
    order, _ = paid_order()
    order = edit(order, quantities={line_of(order, "MUG").pk: 1})
    order = edit(order, added=[("BOWL", 1)])
    assert (given_back(), order.payment_status, order.money().outstanding) == ([24], "partially_paid", 12)
    paid_by_hand(order)
    assert fresh(order).money().outstanding == 0
    pack_shipment(order_id=order.pk, by=TESTS)
    assert broken_promises() == []


def test_fewer_and_more_before_anything_is_paid_back_settle_against_each_other() -> None:
    order, _ = paid_order()
    edit_order(order_id=order.pk, changes=Changes(quantities={line_of(order, "MUG").pk: 1}), by=TESTS)
    order = edit(order, added=[("BOWL", 1)])
    assert (given_back(), order.money().outstanding) == ([12], 0)
    assert broken_promises() == []


def test_goodwill_is_not_asked_for_again() -> None:
    order, payment = paid_order()
    refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(5)), reason="goodwill", by=TESTS)
    order = edit(order, added=[("BOWL", 1)])
    assert order.money().outstanding == 12
    assert broken_promises() == []


def test_an_unpaid_order_just_costs_something_else() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 3))
    order = edit(order, quantities={line_of(order, "MUG").pk: 1}, added=[("MUG", 4)])
    assert (order.status, order.due, reserved("MUG")) == ("pending", 65, 5)
    paid_by_hand(order)
    assert fresh(order).status == "paid"
    assert broken_promises() == []


def test_part_payment_may_settle_what_an_edit_leaves() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 3))
    paid_by_hand(order, "17.00")
    order = edit(order, quantities={line_of(order, "MUG").pk: 1})
    assert (order.status, order.payment_status, given_back()) == ("paid", "paid", [])
    assert broken_promises() == []


def test_edits_and_then_cancelling_give_back_exactly_what_was_paid() -> None:
    order, _ = paid_order()
    order = edit(order, quantities={line_of(order, "MUG").pk: 1}, added=[("BOWL", 5)])
    paid_by_hand(order)
    cancelled = cancel_order(order_id=order.pk, reason="no more", by=TESTS)
    refund_cancelled(OrderEdited(order_id=order.pk, version=cancelled.version))  # type: ignore[arg-type]
    order = fresh(order)
    assert (order.status, order.refunded_total) == ("cancelled", order.captured_total)
    assert (reserved("MUG"), reserved("BOWL")) == (0, 0)
    assert broken_promises() == []


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({}, Invalid),
        ({"quantities": {0: 1}}, NotFound),
        ({"added": [("MUG", 1000)]}, InsufficientStock),
        ({"added": [("NOTHING", 1)]}, ProductUnavailable),
        ({"replaced": {0: "MUG"}}, NotFound),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_happens(changes: dict[str, object], refusal: type[Refused]) -> None:
    order, _ = paid_order()
    with refused(refusal):
        edit_order(order_id=order.pk, changes=Changes(**changes), by=TESTS)  # type: ignore[arg-type]
    assert (fresh(order).version, fresh(order).total, reserved("MUG")) == (order.version, order.total, 3)
    assert order.lines.count() == 2


def test_nothing_left_is_a_cancellation() -> None:
    order, _ = paid_order()
    with refused(NotAllowedNow) as refusal:
        edit(order, quantities={line.pk: 0 for line in order.lines.all()})
    assert "Cancel it instead" in refusal.value.text
    assert "edit" in refusal.value.extra["available_actions"]


def test_not_once_something_is_packed_or_cancelled() -> None:
    order, _ = paid_order()
    mug = line_of(order, "MUG")
    package = pack_shipment(order_id=order.pk, lines={mug.pk: 1}, by=TESTS)
    with refused(NotAllowedNow):
        edit(order, quantities={mug.pk: 2})
    assert (mug.quantity, fresh(order).cancelled_total, package.status) == (3, 0, "packed")


def test_gift_cards_are_not_added() -> None:
    order, _ = paid_order()
    card = buyable("CARD", price="25.00")
    card.is_gift_card = True
    card.save()
    with refused(ProductUnavailable):
        edit(order, added=[("CARD", 1)])
    assert order.lines.count() == 2
