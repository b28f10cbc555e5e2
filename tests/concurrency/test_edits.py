"""Edits of one order at the same moment as its packing, its cancellation, and one another."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier

import pytest
from django.db import transaction
from django.utils import timezone

from api.actors import Actor
from audit.verbs import verb
from inventory.models import Reservation, StockLevel
from orders.models import Order, OrderLine
from orders.services import Changes, cancel_order, edit_order, expire_edit, pack_shipment
from orders.services.cancel import cancel_units
from orders.tests.factories import TESTS, fresh
from payments.models import Payment
from payments.tests.factories import broken_promises, paid_by_hand, paid_order
from tests.concurrency.racing import at_once, outcomes

pytestmark = pytest.mark.django_db(transaction=True)
# What nobody has handed on yet is no broken promise of the verbs.
UNHANDLED = {"payments.owed"}


def fewer(order: Order) -> object:
    mug = order.lines.get(sku="MUG")
    return edit_order(order_id=order.pk, changes=Changes(quantities={mug.pk: 1}), by=TESTS)


def more(order: Order) -> object:
    return edit_order(order_id=order.pk, changes=Changes(added=[("BOWL", 1)]), by=TESTS)


def broken() -> set[str]:
    return set(broken_promises()) - UNHANDLED


def test_an_edit_and_packing_are_never_both_done_by_halves() -> None:
    order, _ = paid_order()
    works = [lambda: more(order), lambda: pack_shipment(order_id=order.pk, by=TESTS)]
    counted = outcomes(at_once(works))
    # Whoever came second is refused: packed is packed, and what is asked for more is not packed before it is paid.
    assert counted == {"done": 1, "not_allowed_now": 1}
    order = fresh(order)
    assert (order.status, order.lines.count()) in {("packed", 2), ("paid", 3)}
    assert broken() == set()


def test_an_edit_and_a_cancellation_leave_nothing_reserved() -> None:
    order, _ = paid_order()
    works = [lambda: more(order), lambda: cancel_order(order_id=order.pk, reason="no", by=TESTS)]
    counted = outcomes(at_once(works))
    assert counted["done"] >= 1
    order = fresh(order)
    assert (order.status, order.due) == ("cancelled", 0)
    assert set(StockLevel.objects.values_list("reserved", flat=True)) == {0}
    assert broken() == set()


def test_many_edits_at_once_each_count() -> None:
    order, _ = paid_order()
    counted = outcomes(at_once([lambda: more(order)] * 5 + [lambda: fewer(order)]))
    assert counted == {"done": 6}
    order = fresh(order)
    assert (order.version, order.lines.count()) == (8, 7)
    assert {row.item.sku: row.reserved for row in StockLevel.objects.select_related("item")} == {"MUG": 1, "BOWL": 7}
    assert broken() == set()


@verb
def without_the_lock(*, order_id: int, together: Barrier, by: Actor) -> None:
    """A total as it must not be written: read, and added to, with nobody kept from doing the same meanwhile."""
    order = Order.objects.get(pk=order_id)
    together.wait()
    Order.objects.filter(pk=order_id).update(subtotal=order.subtotal + 10, total=order.total + 10)


def test_control_without_the_lock_an_edit_is_lost() -> None:
    order, _ = paid_order()
    together = Barrier(2)
    work = lambda: without_the_lock(order_id=order.pk, together=together, by=TESTS)  # noqa: E731
    assert outcomes(at_once([work] * 2)) == {"done": 2}
    assert fresh(order).total == order.total + 10
    assert "orders.total" in broken()


def unpaid_and_late() -> Order:
    """An order with a bowl that an edit has added, and that should have been paid by now."""
    order, _ = paid_order()
    more(order)
    past = timezone.now() - timedelta(seconds=1)
    Order.objects.update(expires_at=past)
    Reservation.objects.filter(state="held").update(expires_at=past)
    return fresh(order)


def bowls() -> frozenset[str]:
    """In which states the units of the edit's line are."""
    line = OrderLine.objects.order_by("-pk")[0]
    return frozenset(Reservation.objects.filter(order_line_id=line.pk).values_list("state", flat=True))


@pytest.mark.parametrize("round_", range(4))
def test_an_edit_that_expires_as_it_is_paid_is_either_kept_or_given_up(round_: int) -> None:
    order = unpaid_and_late()
    works = [partial(expire_edit, order_id=order.pk, by=TESTS), partial(paid_by_hand, order)]
    counted = outcomes(at_once(works if round_ % 2 else works[::-1], threads=2))
    assert counted == {"done": 1, "not_allowed_now": 1}
    order = fresh(order)
    assert (order.due, bowls()) in {(Decimal(77), frozenset({"committed"})), (Decimal(65), frozenset({"released"}))}
    assert (order.money().outstanding, order.expires_at, broken()) == (0, None, set())


def test_control_without_the_lock_what_was_paid_is_given_up() -> None:
    order = unpaid_and_late()
    seen = fresh(order)
    paid_by_hand(order)
    with transaction.atomic():
        cancel_units(seen, {line: line.quantity for line in seen.lines.all() if line.unpaid}, "too late")
    assert bowls() == {"released"}
    assert Payment.objects.count() == 2
