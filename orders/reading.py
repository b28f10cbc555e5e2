"""Orders and carts with all that an answer shows, in a fixed number of statements however many there are."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from audit.models import LogEntry
from orders.events import OrderEvent
from orders.models import Cart, CartItem, Order, ReturnLine, ReturnUnit, ShipmentLine
from orders.returning.rules import chances_of


def attach_parts(orders: Sequence[Order]) -> None:
    """Read the parts of these orders, as `OrderQuerySet.whole()` would, in five statements; where something came back,
    its units in one more; and where something was delivered, what of it may be returned, in up to three more.

    A package and a return never stand without a line, so each comes in one statement with its lines.
    """
    by_id = {order.pk: order for order in orders}
    prefetch_related_objects(orders, "lines", "addresses", "holds")
    packages = ShipmentLine.objects.select_related("shipment__warehouse")
    _attach(orders, "shipments", packages.filter(shipment__order__in=orders), "shipment")
    returned = ReturnLine.objects.select_related("ret__exchange_order", "exchange_line")
    _attach(orders, "returns", returned.filter(ret__order__in=orders), "ret")
    parts = [part for order in orders for ret in order.returns.all() for part in ret.lines.all()]
    prefetch_related_objects(parts, Prefetch("units", ReturnUnit.objects.select_related("warehouse")))
    for pk, found in chances_of(orders).items():
        by_id[pk].return_chances = found  # type: ignore[attr-defined]


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


def read_subjects(order: Order) -> dict[int, str]:
    """Version of the order → the number of the package or return which that change was about."""
    shipments = dict(order.shipments.values_list("pk", "number"))
    returns = dict(order.returns.values_list("pk", "number"))
    facts = LogEntry.objects.filter(aggregate=OrderEvent.aggregate, aggregate_id=str(order.pk))
    return {
        fact["version"]: shipments.get(fact.get("shipment_id")) or returns[fact["return_id"]]
        for fact in facts.values_list("payload", flat=True)
        if "shipment_id" in fact or "return_id" in fact
    }


def read_items(cart: Cart) -> list[CartItem]:
    """The items of a cart with their products, oldest first."""
    return list(cart.items.select_related("product").order_by("id"))
