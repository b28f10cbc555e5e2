"""What is wanted, what is free and what is missing: arithmetic, nothing else."""

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
    """What one warehouse can still give of one item. `rank` is the place of the warehouse, lowest first; `distance`
    how far it is from where the goods go: 0 in the same region, 1 in the same country, 2 elsewhere.
    """

    level_id: int
    sku: str
    rank: tuple[int, int]
    free: int
    distance: int = 2


@dataclass(frozen=True, slots=True)
class Share:
    """So many units of one want from one shelf, and why from there: a code of `inventory.routing.Reason`."""

    want: Want
    level_id: int
    quantity: int
    reason: str = ""


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


def take(want: Want, shelves: Sequence[Shelf], reason: str) -> Iterator[Share]:
    """Units of the want from these shelves in their order, which then have fewer."""
    left = want.quantity
    for shelf in shelves:
        quantity = min(left, shelf.free)
        if quantity > 0:
            shelf.free -= quantity
            left -= quantity
            yield Share(want, shelf.level_id, quantity, reason)
