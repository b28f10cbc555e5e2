from datetime import time
from decimal import Decimal

import pytest

from config.demo.prices import shipping
from orders.models import ShippingMethod, ShippingRate
from orders.tests.factories import buyable, place
from orders.tests.shipping import stored

pytestmark = pytest.mark.django_db


def test_the_demo_shop_ships_everything_for_five_euros_and_fast_to_near():
    shipping()
    shipping()
    assert list(ShippingMethod.objects.values_list("code", "cut_off", "handling_days", "transit_days")) == [
        ("standard", None, 1, 3), ("express", time(14), 0, 1),
    ]  # fmt: skip
    assert [stored(row) for row in ShippingRate.objects.order_by("method__position")] == [
        [("0.00", None, "5.00")],
        [("0.00", "2000.00", "9.90"), ("2000.00", "10000.00", "14.90"), ("10000.00", "31500.00", "24.90")],
    ]
    buyable("MUG")
    order = place()
    assert (order.shipping_method, order.shipping_total) == ("standard", Decimal("5.00"))
