"""Reserved units leaving the house."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum

from api.actors import Actor
from inventory.errors import NotReserved
from inventory.models import Reservation, StockMovement
from inventory.services.closing import Part, close, take
from inventory.services.movements import Cause, Move, move


@dataclass(frozen=True, slots=True)
class Pick:
    """So many units of one order line taken from one warehouse."""

    line_id: int
    warehouse_id: int
    quantity: int


def consume(*, order_id: int, picks: Sequence[Pick], cause: str, by: Actor) -> list[StockMovement]:
    """Turn committed reservations into shipped units: off the shelf and no longer promised, with a movement.

    `cause` names the shipment; one cause ships a line once. Raises `NotReserved` when the order has fewer
    committed units there, `NotOnHand` when the shelf has; then nothing has moved.
    """
    committed = [
        Part(reservation, reservation.quantity)
        for reservation in Reservation.objects.all().lock_open(order_id)
        if reservation.state == Reservation.State.COMMITTED
    ]
    parts: list[Part] = []
    moves: list[Move] = []
    for pick in picks:
        found, lacking = take([part for part in committed if _is_at(part.reservation, pick)], pick.quantity)
        if lacking:
            raise NotReserved(f"Line {pick.line_id} has only {pick.quantity - lacking} paid units there.")
        parts += found
        level = found[0].reservation.level
        moves.append(Move(level, -pick.quantity, line_id=pick.line_id, reserved=-pick.quantity))
    if not moves:
        return []
    movements = move(moves, Cause(StockMovement.Kind.SHIPPED, cause, by))
    close(parts, Reservation.State.CONSUMED)
    return movements


def _is_at(reservation: Reservation, pick: Pick) -> bool:
    return (reservation.order_line_id, reservation.warehouse_id) == (pick.line_id, pick.warehouse_id)


def open_by_warehouse(order_id: int) -> dict[int, dict[int, int]]:
    """What is still reserved for the order: warehouse id → line id → units."""
    rows = (
        Reservation.objects.open()
        .filter(order_id=order_id)
        .values_list("warehouse_id", "order_line_id")
        .annotate(units=Sum("quantity"))
        .order_by("warehouse__priority", "warehouse_id", "order_line_id")
    )
    by_warehouse: dict[int, dict[int, int]] = defaultdict(dict)
    for warehouse_id, line_id, units in rows:
        by_warehouse[warehouse_id][line_id] = units
    return dict(by_warehouse)
