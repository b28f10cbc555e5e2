"""Reports count what was sold, not what was tried."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import PartnerFactory
from orders.models import Order
from orders.services import DirectOrder, Owner, place_direct_order
from orders.tests.factories import ADDRESS, TESTS, buyable
from reporting.figures import Window, fulfilment, sales, top_products

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("is_test", "count"), [(True, 0), (False, 1)])
def test_a_test_order_is_in_no_report(is_test: bool, count: int) -> None:
    buyable()
    owner = Owner(partner_id=PartnerFactory().pk, test=is_test)
    place_direct_order(direct=DirectOrder(owner=owner, lines=[("MUG", 1)], shipping_address=ADDRESS), by=TESTS)
    # As one that costs nothing: paid at once.
    Order.objects.update(paid_at=timezone.now(), status="paid")
    today = timezone.now().date()
    window = Window(today - timedelta(days=2), today + timedelta(days=2), "EUR")
    assert sum(row["orders"] for row in sales(window, "day")) == count
    assert len(top_products(window, "units", 5)) == count
    assert sum(row["orders"] for row in fulfilment(window, "day")) == count
