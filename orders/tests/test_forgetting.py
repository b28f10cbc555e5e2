from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from orders.forgetting import forget_carts
from orders.models import Cart, CartItem, Order
from orders.tests.factories import buyable
from orders.tests.http import post, ready_cart

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop(settings: Any) -> None:
    settings.CART_DAYS = 60
    buyable()


def cart(days: int) -> UUID:
    """One that was touched so many days ago."""
    pk = UUID(ready_cart(APIClient())["id"])
    Cart.objects.filter(pk=pk).update(updated_at=timezone.now() - timedelta(days=days))
    return pk


def test_baskets_nobody_came_back_to_go_and_younger_ones_stay() -> None:
    cart(61)
    young = cart(59)
    assert forget_carts() == 1
    assert list(Cart.objects.values_list("pk", flat=True)) == [young]
    assert set(CartItem.objects.values_list("cart", flat=True)) == {young}


def test_one_whose_order_is_under_way_stays_until_that_is_finished() -> None:
    guest = APIClient()
    mine = ready_cart(guest)
    assert post(guest, "orders", {"cart": mine["id"]}, x_cart_token=mine["token"]).status_code == 201
    Cart.objects.update(updated_at=timezone.now() - timedelta(days=61))
    assert forget_carts() == 0
    Order.objects.update(status="delivered")
    assert forget_carts() == 1
    assert Order.objects.count() == 1
