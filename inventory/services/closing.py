"""Ending reservations, whole or in part."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from inventory.models import Reservation

# Whoever changes the state here, and nobody else, may touch the counters of the level.
UPDATE = """
    UPDATE inventory_reservation AS r
    SET state = CASE WHEN p.quantity = r.quantity THEN %s ELSE r.state END,
        expires_at = CASE WHEN p.quantity = r.quantity THEN NULL ELSE r.expires_at END,
        quantity = CASE WHEN p.quantity = r.quantity THEN r.quantity ELSE r.quantity - p.quantity END
    FROM unnest(%s::bigint[], %s::int[]) AS p (id, quantity)
    WHERE r.id = p.id AND r.state IN ('held', 'committed') AND r.quantity >= p.quantity
"""


@dataclass(frozen=True, slots=True)
class Part:
    """So many units of one open, locked reservation."""

    reservation: Reservation
    quantity: int


def close(parts: Sequence[Part], state: Reservation.State) -> None:
    """Bring these units into their last state. A reservation closed in part keeps its row for what stays
    open; the closed part gets a row of its own. The counters are the caller's to move.
    """
    if not parts:
        return
    with connection.cursor() as cursor:
        cursor.execute(UPDATE, [state, [p.reservation.pk for p in parts], [p.quantity for p in parts]])
        if cursor.rowcount != len(parts):
            raise RuntimeError("Reservations may only be closed under their locks.")
    Reservation.objects.bulk_create(
        [_split(part, state) for part in parts if part.quantity < part.reservation.quantity]
    )


def _split(part: Part, state: Reservation.State) -> Reservation:
    whole = part.reservation
    return Reservation(
        level_id=whole.level_id,
        item_id=whole.item_id,
        warehouse_id=whole.warehouse_id,
        order_id=whole.order_id,
        order_line_id=whole.order_line_id,
        order_number=whole.order_number,
        reason=whole.reason,
        quantity=part.quantity,
        state=state,
    )


def take(free: Iterable[Part], quantity: int) -> tuple[list[Part], int]:
    """So many units from these parts, in their order; and how many they lack."""
    taken = []
    for part in free:
        if quantity <= 0:
            break
        taken.append(Part(part.reservation, min(quantity, part.quantity)))
        quantity -= taken[-1].quantity
    return taken, quantity
