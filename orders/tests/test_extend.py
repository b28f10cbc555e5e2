from datetime import timedelta

import pytest

from inventory.models import Reservation
from inventory.tests.checks import refused
from kernel.errors import NotAllowedNow
from orders.services import extend_reservation, record_reminder
from orders.tests.factories import TESTS, buyable, fresh, paid, place

pytestmark = pytest.mark.django_db
LONGER = timedelta(hours=5)


def test_the_order_and_its_stock_wait_longer() -> None:
    buyable("MUG")
    order = place(("MUG", 2))
    until = order.expires_at + LONGER
    extend_reservation(order_id=order.pk, until=until, by=TESTS)
    assert (fresh(order).expires_at, fresh(order).version) == (until, order.version + 1)
    assert Reservation.objects.get(order_id=order.pk).expires_at == until


def test_never_for_less_time_than_before() -> None:
    buyable("MUG")
    order = place(("MUG", 2))
    for until in (order.expires_at, order.expires_at - LONGER):
        with refused(NotAllowedNow):
            extend_reservation(order_id=order.pk, until=until, by=TESTS)
    assert (fresh(order).expires_at, fresh(order).version) == (order.expires_at, order.version)
    assert Reservation.objects.get(order_id=order.pk).expires_at == order.expires_at


def test_only_an_order_that_waits_for_money() -> None:
    buyable("MUG")
    order = paid(("MUG", 1))
    with refused(NotAllowedNow):
        extend_reservation(order_id=order.pk, until=order.created_at + LONGER, by=TESTS)
    with refused(NotAllowedNow):
        record_reminder(order_id=order.pk, detail="reminder 1", by=TESTS)
    assert (fresh(order).expires_at, fresh(order).version) == (None, order.version)
    assert Reservation.objects.get(order_id=order.pk).state == "committed"
