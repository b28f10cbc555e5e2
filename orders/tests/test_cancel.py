from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from audit.models import LogEntry
from inventory.models import Reservation, StockLevel
from inventory.tests.checks import refused
from inventory.tests.factories import WarehouseFactory, stock
from kernel.errors import NotAllowedNow, Refused
from orders.errors import TooMany
from orders.models import Order
from orders.services import cancel_order, expire_order, pack_shipment, ship_shipment
from orders.tasks import expire_due
from orders.tests.factories import TESTS, buyable, fresh, paid, pay, place, shipped

pytestmark = pytest.mark.django_db


def cancel(order: Order, **kwargs: object) -> Order:
    return cancel_order(order_id=order.pk, reason="changed my mind", by=TESTS, **kwargs)


def test_frees_the_stock_and_owes_nothing_any_more() -> None:
    buyable("MUG", quantity=5)
    order = cancel(place(("MUG", 3)))
    assert (order.status, order.due, order.cancel_reason) == ("cancelled", 0, "changed my mind")
    assert order.cancelled_at is not None
    assert StockLevel.objects.get().reserved == 0
    assert Reservation.objects.get().state == "released"
    assert LogEntry.objects.filter(name="OrderCancelled", aggregate_id=order.pk).count() == 1


def test_twice_is_refused_and_changes_nothing() -> None:
    buyable()
    order = cancel(place())
    with refused(NotAllowedNow):
        cancel(order)
    assert fresh(order).version == order.version


def test_by_line_keeps_the_rest_and_lowers_what_is_due() -> None:
    buyable("MUG", price="10.00")
    buyable("TEA", price="1.01")
    order = place(("MUG", 2), ("TEA", 3))
    mug, tea = order.lines.all()
    order = cancel(order, lines={tea.pk: 1})
    # A tea costs 1.01 and its third of 0.61 tax; the odd cent of 3.64 goes with the first.
    assert (order.status, order.cancelled_total) == ("pending", Decimal("1.22"))
    assert StockLevel.objects.get(item__sku="TEA").reserved == 2
    order = cancel(order, lines={tea.pk: 2, mug.pk: 1})
    assert order.cancelled_total == Decimal("3.64") + Decimal("12.00")
    assert LogEntry.objects.filter(name="OrderLinesCancelled", aggregate_id=order.pk).count() == 2


def test_the_last_line_takes_the_shipping_with_it() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 2))
    line = order.lines.get()
    order = cancel(order, lines={line.pk: 1})
    order = cancel(order, lines={line.pk: 1})
    assert (order.status, order.cancelled_total, order.due) == ("cancelled", order.total, 0)


def test_a_part_payment_may_settle_what_is_left() -> None:
    buyable("MUG", price="10.00")
    buyable("TEA", price="10.00")
    order = pay(place(("MUG", 1), ("TEA", 1)), Decimal("17.00"))
    assert order.status == "pending"
    order = cancel(order, lines={order.lines.get(sku="TEA").pk: 1})
    assert (order.status, order.payment_status) == ("paid", "paid")
    assert set(Reservation.objects.values_list("state", flat=True)) == {"committed", "released"}


def test_not_once_something_is_packed() -> None:
    buyable("MUG", quantity=5)
    order = paid(("MUG", 2))
    line = order.lines.get()
    pack_shipment(order_id=order.pk, lines={line.pk: 1}, by=TESTS)
    with refused(NotAllowedNow) as refusal:
        cancel(order)
    assert "cancel_lines" in refusal.value.extra["available_actions"]
    with refused(TooMany):
        cancel(order, lines={line.pk: 2})
    assert StockLevel.objects.get().reserved == 2
    assert cancel(order, lines={line.pk: 1}).status == "packed"


def test_cancelling_the_open_rest_of_a_shipped_order_shows_it_shipped() -> None:
    buyable("MUG", quantity=5)
    order = paid(("MUG", 2))
    line = order.lines.get()
    ship_shipment(shipment_id=pack_shipment(order_id=order.pk, lines={line.pk: 1}, by=TESTS).pk, by=TESTS)
    assert fresh(order).status == "paid"
    assert cancel(order, lines={line.pk: 1}).status == "shipped"


def test_units_in_a_package_are_not_the_ones_given_back() -> None:
    near, far = WarehouseFactory(code="NEAR", priority=1), WarehouseFactory(code="FAR", priority=2)
    buyable("MUG", quantity=1, warehouse=near)
    stock("MUG", 1, warehouse=far)
    order = paid(("MUG", 2))
    line = order.lines.get()
    package = pack_shipment(order_id=order.pk, lines={line.pk: 1}, warehouse="FAR", by=TESTS)
    cancel(order, lines={line.pk: 1})
    assert dict(StockLevel.objects.values_list("warehouse__code", "reserved")) == {"NEAR": 0, "FAR": 1}
    ship_shipment(shipment_id=package.pk, by=TESTS)
    assert fresh(order).status == "shipped"


@pytest.mark.parametrize("lines", [{}, {0: 1}])
def test_lines_must_be_the_orders_own(lines: dict[int, int]) -> None:
    buyable()
    order = place()
    with refused(Refused):
        cancel(order, lines=lines)
    assert fresh(order).version == 1


def test_a_shipped_order_cannot_be_cancelled() -> None:
    buyable()
    with refused(NotAllowedNow):
        cancel(shipped())


def test_what_nobody_pays_expires() -> None:
    buyable("MUG", quantity=5)
    late, early, settled = place(("MUG", 1)), place(("MUG", 1)), paid(("MUG", 1))
    Order.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert expire_due() == 1
    assert [fresh(order).status for order in (late, early, settled)] == ["cancelled", "pending", "paid"]
    assert StockLevel.objects.get().reserved == 2
    assert LogEntry.objects.filter(name="OrderExpired", aggregate_id=late.pk).count() == 1


def test_an_order_does_not_expire_before_its_time() -> None:
    buyable()
    order = place()
    with refused(NotAllowedNow):
        expire_order(order_id=order.pk, by=TESTS)
    assert fresh(order).status == "pending"
