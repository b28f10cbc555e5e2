"""Which warehouse serves which line: arithmetic on what is free, nothing else."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """So many units of an item for one line of an order."""

    line_id: int
    sku: str
    quantity: int


@dataclass(slots=True)
class Shelf:
    """What one warehouse can still give of one item. `rank` is the place of the warehouse, lowest first."""

    level_id: int
    sku: str
    rank: tuple[int, int]
    free: int


@dataclass(frozen=True, slots=True)
class Share:
    """So many units of one want from one shelf."""

    want: Want
    level_id: int
    quantity: int


def missing(wants: Sequence[Want], shelves: Sequence[Shelf]) -> dict[str, tuple[int, int]]:
    """SKU → (requested, available) for every item that the shelves together cannot serve."""
    requested, available = requested_by_sku(wants), Counter[str]()
    for shelf in shelves:
        available[shelf.sku] += shelf.free
    return {sku: (count, available[sku]) for sku, count in requested.items() if count > available[sku]}


def requested_by_sku(wants: Sequence[Want]) -> Counter[str]:
    requested = Counter[str]()
    for want in wants:
        requested[want.sku] += want.quantity
    return requested


def share_out(wants: Sequence[Want], shelves: Sequence[Shelf]) -> list[Share]:
    """Divide the wants over the shelves, which must suffice (`missing` is empty).

    One parcel is better than two: the first warehouse that has everything serves everything. If none has,
    each line goes whole to the first warehouse that can serve it, and only a line that no warehouse can
    serve alone is spread, again from the first.
    """
    ranked = sorted(shelves, key=lambda shelf: shelf.rank)
    ranked = _of_one_warehouse(wants, ranked) or ranked
    shares: list[Share] = []
    for want in wants:
        of_item = [shelf for shelf in ranked if shelf.sku == want.sku]
        whole = next((shelf for shelf in of_item if shelf.free >= want.quantity), None)
        shares += _take(want, [whole] if whole else of_item)
    return shares


def _of_one_warehouse(wants: Sequence[Want], ranked: Sequence[Shelf]) -> list[Shelf]:
    requested = requested_by_sku(wants)
    for rank in dict.fromkeys(shelf.rank for shelf in ranked):
        there = [shelf for shelf in ranked if shelf.rank == rank]
        if requested <= Counter({shelf.sku: shelf.free for shelf in there}):
            return there
    return []


def _take(want: Want, shelves: Sequence[Shelf]) -> Iterator[Share]:
    left = want.quantity
    for shelf in shelves:
        quantity = min(left, shelf.free)
        if quantity > 0:
            shelf.free -= quantity
            left -= quantity
            yield Share(want, shelf.level_id, quantity)
    if left:
        raise ValueError(f"The shelves lack {left} of {want.sku}.")
