"""What an edit adds to a paid order is held until it is paid, and free again when it is not."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from api.tokens import derive_token
from audit.doctor import examine
from audit.models import LogEntry
from inventory.backorders.terms import BackorderTerms, set_backorder_terms
from inventory.models import Backorder, Reservation, StockItem, StockLevel
from inventory.tests.checks import refused
from kernel.errors import NotAllowedNow
from orders.models import Order
from orders.services import cancel_order, expire_edit, pack_shipment
from orders.tasks import expire_due
from orders.tests.factories import TESTS, buyable, fresh, pay, place
from orders.tests.http import post

pytestmark = pytest.mark.django_db
PROMISES = {"orders.expired", "stock.expiry", "stock.reserved", "stock.waiting", "orders.total"}


@pytest.fixture
def order() -> Order:
    buyable("MUG", price="1.00")
    buyable("TV", price="1000.00", quantity=50)
    return pay(place(("MUG", 1)))


def add(order: Order, sku: str, units: int) -> Order:
    return edit(order, add=[{"sku": sku, "quantity": units}])


def edit(order: Order, **body: object) -> Order:
    """As the guest who has placed it."""
    answer = post(APIClient(), f"orders/{order.number}/edit", body, x_order_token=derive_token("order", order.number))
    assert answer.status_code == 200, answer.json()
    return fresh(order)


def late(order: Order) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Order.objects.filter(pk=order.pk).update(expires_at=past)
    Reservation.objects.filter(order_id=order.pk, state="held").update(expires_at=past)


def promised() -> dict[tuple[str, str], int]:
    return {(row.item.sku, row.state): row.quantity for row in Reservation.objects.select_related("item")}


def broken() -> set[str]:
    return PROMISES & {found.invariant.name for found in examine()}


def test_what_nobody_pays_is_held_and_then_free(order: Order) -> None:
    order = add(order, "TV", 50)
    assert promised() == {("MUG", "committed"): 1, ("TV", "held"): 50}
    assert order.expires_at < timezone.now() + timedelta(minutes=31)
    with refused(NotAllowedNow):
        pack_shipment(order_id=order.pk, by=TESTS)
    assert (expire_due(), broken()) == (0, set())
    late(order)
    assert (expire_due(), expire_due()) == (1, 0)
    order = fresh(order)
    assert promised() == {("MUG", "committed"): 1, ("TV", "released"): 50}
    assert (order.status, order.payment_status, order.money().outstanding, order.expires_at) == (
        "paid",
        "paid",
        0,
        None,
    )
    assert order.transitions.get(verb="expire_edit").reason == "not paid in time"
    assert StockLevel.objects.get(item__sku="TV").available == 50
    pack_shipment(order_id=order.pk, by=TESTS)
    assert broken() == set()


def test_what_is_paid_in_time_is_kept_for_good_and_packed(order: Order) -> None:
    order = pay(add(order, "TV", 2))
    assert promised() == {("MUG", "committed"): 1, ("TV", "committed"): 2}
    assert (order.expires_at, order.lines.filter(unpaid=True).count()) == (None, 0)
    with refused(NotAllowedNow):
        expire_edit(order_id=order.pk, by=TESTS)
    assert pack_shipment(order_id=order.pk, by=TESTS).lines.count() == 2
    assert broken() == set()


def test_another_edit_moves_no_expiry_and_dropping_what_is_unpaid_settles_it(order: Order) -> None:
    first = add(order, "TV", 1).expires_at
    order = add(order, "MUG", 2)
    assert order.expires_at == first
    lines = {line.pk: line.quantity for line in order.lines.filter(unpaid=True)}
    order = cancel_order(order_id=order.pk, reason="too dear", lines=lines, by=TESTS)
    assert (order.expires_at, order.lines.filter(unpaid=True).count(), broken()) == (None, 0, set())


def test_what_was_sold_ahead_to_it_is_given_up_too(order: Order) -> None:
    set_backorder_terms(sku="TV", terms=BackorderTerms(limit=100), by=TESTS)
    order = add(order, "TV", 60)
    assert (StockItem.objects.get(sku="TV").waiting, promised()[("TV", "held")]) == (10, 50)
    late(order)
    assert expire_due() == 1
    assert (StockItem.objects.get(sku="TV").waiting, Backorder.objects.get().state) == (0, "cancelled")
    assert (StockLevel.objects.get(item__sku="TV").reserved, fresh(order).money().outstanding) == (0, 0)
    assert broken() == set()


def test_an_order_of_which_nothing_else_is_left_is_cancelled(order: Order) -> None:
    order = edit(order, lines=[{"line": order.lines.get().pk, "sku": "TV"}])
    late(order)
    assert expire_due() == 1
    order = fresh(order)
    assert (order.status, order.due, order.cancel_reason) == ("cancelled", 0, "not paid in time")
    assert LogEntry.objects.filter(name="OrderCancelled", aggregate_id=order.pk).count() == 1
    assert (set(StockLevel.objects.values_list("reserved", flat=True)), broken()) == ({0}, set())


def test_an_edit_past_its_expiry_is_seen(order: Order) -> None:
    add(order, "TV", 1)
    Order.objects.update(expires_at=timezone.now() - timedelta(minutes=2))
    assert "orders.expired" in broken()
