"""Giving promised stock back."""

from collections import Counter
from collections.abc import Mapping, Sequence

from inventory.errors import NotReserved
from inventory.models import Reservation
from inventory.services.closing import Part, close, take
from inventory.services.levels import Change, change_levels


def release(
    *,
    order_id: int,
    quantities: Mapping[int, int] | None = None,
    keep: Mapping[int, Mapping[int, int]] | None = None,
) -> int:
    """Give back what the order has reserved: all of it, or so many units by line id. Returns the units.

    Giving back all is harmless when nothing is open any more. A part is taken from the reservation made last,
    sparing those in `keep` (warehouse id → line id → units, as `open_by_warehouse` has it): units that are in
    a package already. Raises `NotReserved` when a line has fewer open units, and then nothing is given back.
    """
    opened = list(Reservation.objects.all().lock_open(order_id))
    if quantities is None:
        parts = [Part(reservation, reservation.quantity) for reservation in opened]
    else:
        parts = _parts(_spare(opened, keep or {}), quantities)
    close(parts, Reservation.State.RELEASED)
    freed = Counter[int]()
    for part in parts:
        freed[part.reservation.level_id] += part.quantity
    change_levels({pk: Change(reserved=-quantity) for pk, quantity in freed.items()})
    return freed.total()


def _spare(opened: Sequence[Reservation], keep: Mapping[int, Mapping[int, int]]) -> list[Part]:
    """What of each reservation may be given back, the reservation made last first."""
    kept = {(place, line): units for place, lines in keep.items() for line, units in lines.items()}
    free = []
    for reservation in sorted(opened, key=lambda row: row.pk):
        key = reservation.warehouse_id, reservation.order_line_id
        spared = min(kept.get(key, 0), reservation.quantity)
        kept[key] = kept.get(key, 0) - spared
        if reservation.quantity > spared:
            free.append(Part(reservation, reservation.quantity - spared))
    return free[::-1]


def _parts(free: Sequence[Part], quantities: Mapping[int, int]) -> list[Part]:
    parts: list[Part] = []
    for line_id, quantity in quantities.items():
        found, lacking = take([part for part in free if part.reservation.order_line_id == line_id], quantity)
        if lacking:
            raise NotReserved(f"Line {line_id} has only {quantity - lacking} reserved units to give back.")
        parts += found
    return parts
