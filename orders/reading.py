"""Orders and carts with all that an answer shows, in a fixed number of statements however many there are."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects

from orders.models import Cart, CartItem, Order, ReturnLine, ShipmentLine


def attach_parts(orders: Sequence[Order]) -> None:
    """Read the parts of these orders, as `OrderQuerySet.whole()` would, in five statements.

    A package and a return never stand without a line, so each comes in one statement with its lines.
    """
    prefetch_related_objects(orders, "lines", "addresses", "holds")
    packages = ShipmentLine.objects.select_related("shipment__warehouse")
    _attach(orders, "shipments", packages.filter(shipment__order__in=orders), "shipment")
    _attach(orders, "returns", ReturnLine.objects.select_related("ret").filter(ret__order__in=orders), "ret")


def _attach(orders: Sequence[Order], name: str, contents: QuerySet[Any], owner: str) -> None:
    found: dict[int, dict[int, Any]] = {order.pk: {} for order in orders}
    for part in contents.order_by(f"{owner}_id", "id") if orders else ():
        read = getattr(part, owner)
        whole = found[read.order_id].setdefault(read.pk, read)
        _prefetched(whole).setdefault("lines", []).append(part)
    for order in orders:
        _prefetched(order)[name] = list(found[order.pk].values())


def _prefetched(row: Any) -> dict[str, Any]:
    """Where Django keeps what was prefetched for a row."""
    if not hasattr(row, "_prefetched_objects_cache"):
        row._prefetched_objects_cache = {}
    cache: dict[str, Any] = row._prefetched_objects_cache
    return cache


def read_order(order_id: int) -> Order:
    """One order with its parts."""
    order = Order.objects.get(pk=order_id)
    attach_parts([order])
    return order


def read_items(cart: Cart) -> list[CartItem]:
    """The items of a cart with their products, oldest first."""
    return list(cart.items.select_related("product").order_by("id"))
