import pytest

from inventory.tests.checks import refused
from kernel.errors import NotAllowedNow, NotFound, PermissionRefused
from orders.actions import available, facts_of
from orders.models import Hold
from orders.services import change_address, pack_shipment, place_hold, release_hold
from orders.tests.factories import ADDRESS, TESTS, buyable, fresh, paid, place, shipped

pytestmark = pytest.mark.django_db


def test_several_holds_stand_at_once_and_each_must_go() -> None:
    buyable()
    order = paid()
    fraud = place_hold(order_id=order.pk, kind="fraud", note="odd address", by=TESTS)
    address = place_hold(order_id=order.pk, kind="address", by=TESTS)
    release_hold(order_id=order.pk, hold_id=fraud.pk, role="admin", by=TESTS)
    assert "pack" not in available(facts_of(fresh(order)))
    release_hold(order_id=order.pk, hold_id=address.pk, role="customer_service", by=TESTS)
    assert "pack" in available(facts_of(fresh(order)))
    assert fresh(order).version == 6


def test_the_same_hold_is_placed_once() -> None:
    buyable()
    order = paid()
    place_hold(order_id=order.pk, kind="fraud", by=TESTS)
    with refused(NotAllowedNow):
        place_hold(order_id=order.pk, kind="fraud", by=TESTS)
    assert Hold.objects.count() == 1


def test_only_its_people_may_release_a_hold() -> None:
    buyable()
    order = paid()
    hold = place_hold(order_id=order.pk, kind="fraud", by=TESTS)
    with refused(PermissionRefused):
        release_hold(order_id=order.pk, hold_id=hold.pk, role="customer_service", by=TESTS)
    hold.refresh_from_db()
    assert hold.released_at is None


def test_a_released_hold_and_another_orders_are_refused() -> None:
    buyable()
    order, other = paid(), paid()
    hold = place_hold(order_id=order.pk, kind="stock", by=TESTS)
    with refused(NotFound):
        release_hold(order_id=other.pk, hold_id=hold.pk, role="admin", by=TESTS)
    release_hold(order_id=order.pk, hold_id=hold.pk, role="warehouse", by=TESTS)
    with refused(NotAllowedNow):
        release_hold(order_id=order.pk, hold_id=hold.pk, role="warehouse", by=TESTS)


def test_a_shipped_order_needs_no_hold() -> None:
    buyable()
    with refused(NotAllowedNow):
        place_hold(order_id=shipped().pk, kind="fraud", by=TESTS)


def test_an_order_goes_to_its_new_address() -> None:
    buyable()
    order = place()
    change_address(order_id=order.pk, address=ADDRESS | {"city": "Hamburg"}, by=TESTS)
    address = fresh(order).addresses.get()
    assert (address.city, address.line1, fresh(order).version) == ("Hamburg", "1 High Street", 2)
    assert [row.city for row in address.history.order_by("history_id")] == ["Berlin", "Hamburg"]


def test_not_once_it_is_packed() -> None:
    buyable()
    order = paid()
    pack_shipment(order_id=order.pk, by=TESTS)
    with refused(NotAllowedNow):
        change_address(order_id=order.pk, address=ADDRESS | {"city": "Hamburg"}, by=TESTS)
    assert fresh(order).addresses.get().city == "Berlin"
