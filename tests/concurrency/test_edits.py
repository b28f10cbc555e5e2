"""Edits of one order at the same moment as its packing, its cancellation, and one another."""

from threading import Barrier

import pytest

from api.actors import Actor
from audit.verbs import verb
from inventory.models import StockLevel
from orders.models import Order
from orders.services import Changes, cancel_order, edit_order, pack_shipment
from orders.tests.factories import TESTS, fresh
from payments.tests.factories import broken_promises, paid_order
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
