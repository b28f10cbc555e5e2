"""Returned units going back onto a shelf."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum

from api.actors import Actor
from inventory.errors import NotShipped
from inventory.models import Reservation, StockMovement
from inventory.services.levels import lock_places
from inventory.services.movements import Cause, Move, move


@dataclass(frozen=True, slots=True)
class Restock:
    """So many returned units of one order line, put away in one warehouse."""

    line_id: int
    warehouse_id: int
    quantity: int


def restock(*, order_id: int, wants: Sequence[Restock], cause: str, by: Actor) -> list[StockMovement]:
    """Put returned units of an order on hand, with a movement each.

    `cause` names the return; one cause counts a line once. The caller holds the lock of the order. Raises
    `NotShipped` when more of a line would have come back than went out.
    """
    if not wants:
        return []
    items = _shipped_items(order_id, wants)
    places = {(items[want.line_id], want.warehouse_id) for want in wants}
    levels = lock_places(places)
    moves = [
        Move(levels[items[want.line_id], want.warehouse_id], want.quantity, line_id=want.line_id) for want in wants
    ]
    return move(moves, Cause(StockMovement.Kind.RETURNED, cause, by))


def _shipped_items(order_id: int, wants: Sequence[Restock]) -> dict[int, int]:
    """Line id → item id, once it is clear that so many units are still outside."""
    consumed = Reservation.objects.filter(order_id=order_id, state=Reservation.State.CONSUMED)
    items, outside = dict[int, int](), Counter[int]()
    for line_id, item_id, units in consumed.values_list("order_line_id", "item_id", "quantity"):
        items[line_id] = item_id
        outside[line_id] += units
    returned = StockMovement.objects.filter(order_line_id__in=items, kind=StockMovement.Kind.RETURNED)
    for line_id, units in returned.order_by().values_list("order_line_id").annotate(units=Sum("delta")):
        outside[line_id] -= units
    for want in wants:
        outside[want.line_id] -= want.quantity
        if outside[want.line_id] < 0:
            raise NotShipped(f"Fewer units of line {want.line_id} were shipped than would come back.")
    return items
