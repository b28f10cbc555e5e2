"""Nobody is written to about an order that is none."""

import pytest

from accounts.tests.factories import PartnerFactory
from notifications.handlers import email_order_cancelled, email_order_placed
from notifications.models import Notification
from orders.events import OrderCancelled, OrderPlaced
from orders.services import DirectOrder, Owner, place_direct_order
from orders.tests.factories import ADDRESS, TESTS, buyable

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("is_test", "mails"), [(True, 0), (False, 2)])
def test_a_test_order_sends_no_mail(is_test: bool, mails: int) -> None:
    buyable()
    owner = Owner(partner_id=PartnerFactory().pk, test=is_test)
    direct = DirectOrder(owner=owner, lines=[("MUG", 1)], shipping_address=ADDRESS, email="ada@example.com")
    order = place_direct_order(direct=direct, by=TESTS)
    email_order_placed(OrderPlaced(order_id=order.pk, version=1))
    email_order_cancelled(OrderCancelled(order_id=order.pk, version=1))
    assert Notification.objects.count() == mails
