"""Reading an order under its lock."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Model, QuerySet, prefetch_related_objects

from kernel.errors import FieldProblem, NotFound
from orders.errors import TooMany
from orders.models import Order, OrderLine
from orders.querysets import PARTS
from orders.states import ShipmentStatus


def lock_order(order_id: int) -> Order:
    """The order, locked until the transaction ends, with all that guards and answers look at.

    Raises `NotFound`.
    """
    order = Order.objects.select_for_update().filter(pk=order_id).first()
    if order is None:
        raise NotFound("There is no such order.")
    prefetch_related_objects([order], *PARTS)
    return order


def reread_lines(order: Order) -> None:
    """The lines of an order that the caller has locked, after rows were added."""
    order._prefetched_objects_cache.pop("lines", None)  # type: ignore[attr-defined]
    prefetch_related_objects([order], "lines")


def pick_lines(order: Order, asked: Mapping[int, int], room: Mapping[int, int]) -> dict[OrderLine, int]:
    """The lines asked for with their units. `room` says how many units of each line there are to take.

    Raises `NotFound` for a line of another order and `TooMany` for more units than there are; each names the line.
    """
    own = {line.pk: line for line in order.lines.all()}
    strangers = [line_id for line_id in asked if line_id not in own]
    if strangers:
        raise NotFound(f"Line {strangers[0]} is not part of this order.", field="lines")
    beyond = [line_id for line_id, quantity in asked.items() if quantity > room[line_id]]
    if beyond:
        problems = [
            FieldProblem("lines", "invalid", f"{own[line_id].sku}: at most {room[line_id]} units.")
            for line_id in beyond
        ]
        raise TooMany(problems[0].detail, problems=problems)
    return {own[line_id]: quantity for line_id, quantity in asked.items() if quantity}


def packed_by_warehouse(order: Order) -> dict[int, dict[int, int]]:
    """{warehouse id: {line id: units}} in packages that have not left."""
    packed: dict[int, dict[int, int]] = {}
    for shipment in order.shipments.all():
        if shipment.status == ShipmentStatus.PACKED:
            there = packed.setdefault(shipment.warehouse_id, {})
            for part in shipment.lines.all():
                there[part.line_id] = there.get(part.line_id, 0) + part.quantity
    return packed


def remember_parts(order: Order, **parts: Sequence[Model]) -> None:
    """Let an order just written answer for its parts without reading them back, as prefetching would."""
    cache: dict[str, QuerySet[Any]] = {}
    for name, rows in parts.items():
        known = getattr(order, name).all()
        known._result_cache, known._prefetch_done = list(rows), True
        cache[name] = known
    order._prefetched_objects_cache = cache  # type: ignore[attr-defined]
