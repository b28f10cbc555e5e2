"""Changing what an order has reserved: both sides of it locked before either is touched."""

from collections.abc import Collection

from django.db.models import Q

from inventory.models import Backorder, Reservation, StockItem, StockLevel


def lock_for_exchange(*, order_id: int, skus: Collection[str]) -> None:
    """Lock the levels the order has units of and those that sell these items, in the order of their ids; then
    these items and those it waits for.

    For a verb that gives units back and reserves others: one after the other they would be locked out of order.
    """
    own = Reservation.objects.open().filter(order_id=order_id).values("level_id")
    selling = Q(warehouse__active=True, item__sku__in=skus)
    levels = StockLevel.objects.filter(Q(pk__in=own) | selling).select_for_update(of=("self",)).order_by("id")
    list(levels.values_list("pk"))
    waiting = Backorder.objects.filter(order_id=order_id, state=Backorder.State.WAITING).values("item_id")
    items = StockItem.objects.filter(Q(pk__in=waiting) | Q(sku__in=skus)).select_for_update(no_key=True).order_by("id")
    list(items.values_list("pk"))
