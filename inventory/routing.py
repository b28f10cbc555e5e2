"""Which warehouse serves which line, by the shop's rules, and why that one. Pure: it reads no table.

The rules are asked in their order. `fewest_parcels` stands for one parcel being better than two; the rules before it
say how far the search may go for that: with `own_region` first, an order is rather split within the region than sent
in one parcel from elsewhere.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import TextChoices

from inventory.allocation import Share, Shelf, Want, missing, requested_by_sku, take


class Strategy(TextChoices):
    """What a rule prefers."""

    OWN_REGION = "own_region", "Own region: what lies near the address"
    FEWEST_PARCELS = "fewest_parcels", "Fewest parcels: what has everything"
    PRIORITY = "priority", "Priority: the lowest number"
    STOCK_LEFT = "stock_left", "Stock left: where most remains"


class Reason(TextChoices):
    """Why units come from where they come."""

    ONLY_PLACE = "only_place", "No other warehouse has it"
    FEWEST_PARCELS = "fewest_parcels", "Nothing else could serve it in one parcel"
    OWN_REGION = "own_region", "Nearest to the address"
    PRIORITY = "priority", "First by priority"
    STOCK_LEFT = "stock_left", "Most stock left"
    SPLIT = "split", "No warehouse has all of it"
    BACKORDER = "backorder", "Came in for those who waited"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an order goes; empty where nobody has said."""

    country: str = ""
    region: str = ""


DEFAULT = (Strategy.FEWEST_PARCELS, Strategy.PRIORITY)
House = tuple[int, int]
Key = Callable[[Sequence[Shelf]], int]
# What each rule compares of the shelves of one warehouse; the lowest comes first.
KEYS: dict[str, Key] = {
    Strategy.OWN_REGION: lambda shelves: shelves[0].distance,
    Strategy.PRIORITY: lambda shelves: shelves[0].rank[0],
    Strategy.STOCK_LEFT: lambda shelves: -sum(shelf.free for shelf in shelves),
}


def distance(to: Destination, *, country: str, region: str) -> int:
    """0 in the same region, 1 in the same country, 2 elsewhere or where nothing is known."""
    if not to.country or to.country.upper() != country.upper():
        return 2
    return 0 if to.region and to.region.casefold() == region.casefold() else 1


def share_out(wants: Sequence[Want], shelves: Sequence[Shelf], rules: Sequence[str] = DEFAULT) -> list[Share]:
    """Divide the wants over the shelves, which must suffice (`missing` is empty).

    Where one warehouse has everything it serves everything. If none has, each line goes whole to the first warehouse
    that can serve it, and only a line that no warehouse can serve alone is spread, again from the first.
    """
    houses = _by_house(shelves)
    before, after = _around_parcels(rules)
    rules_left = [*before, *after]
    ranked = _ranked(houses, rules_left)
    if Strategy.FEWEST_PARCELS in rules:
        whole = [house for house in ranked if _has_all(wants, houses[house])]
        for near in _widening(houses, ranked, before):
            if whole and whole[0] in near:
                reason = _why(whole, houses, rules_left, others=len(houses) > 1)
                return [share for want in wants for share in take(want, _of(want, [whole[0]], houses), reason)]
            if not missing(wants, [shelf for house in near for shelf in houses[house]]):
                return _line_by_line(wants, near, houses, rules_left)
    return _line_by_line(wants, ranked, houses, rules_left)


def _by_house(shelves: Sequence[Shelf]) -> dict[House, list[Shelf]]:
    houses: dict[House, list[Shelf]] = {}
    for shelf in sorted(shelves, key=lambda shelf: shelf.rank):
        houses.setdefault(shelf.rank, []).append(shelf)
    return houses


def _around_parcels(rules: Sequence[str]) -> tuple[list[str], list[str]]:
    """The rules that say how far to look for one parcel, and those that choose among what is found."""
    at = list(rules).index(Strategy.FEWEST_PARCELS) if Strategy.FEWEST_PARCELS in rules else len(rules)
    return list(rules[:at]), list(rules[at + 1 :])


def _ranked(houses: dict[House, list[Shelf]], rules: Sequence[str]) -> list[House]:
    return sorted(houses, key=lambda house: (*(KEYS[rule](houses[house]) for rule in rules), house))


def _widening(
    houses: dict[House, list[Shelf]], ranked: Sequence[House], before: Sequence[str]
) -> Iterator[list[House]]:
    """The nearest warehouses by the rules before, then those and the next, at last all."""
    near: list[House] = []
    for _, group in groupby(ranked, key=lambda house: [KEYS[rule](houses[house]) for rule in before]):
        near += group
        yield list(near)


def _has_all(wants: Sequence[Want], shelves: Sequence[Shelf]) -> bool:
    return requested_by_sku(wants) <= Counter({shelf.sku: shelf.free for shelf in shelves})


def _why(found: Sequence[House], houses: dict[House, list[Shelf]], rules: Sequence[str], *, others: bool) -> str:
    """What decided for the first of those that could serve: the first rule by which it is before another."""
    chosen, rivals = found[0], found[1:]
    if not rivals:
        return Reason.FEWEST_PARCELS if others else Reason.ONLY_PLACE
    for rule in rules:
        if any(KEYS[rule](houses[chosen]) < KEYS[rule](houses[rival]) for rival in rivals):
            return Reason(rule)
    return Reason.PRIORITY


def _line_by_line(
    wants: Sequence[Want], ranked: Sequence[House], houses: dict[House, list[Shelf]], rules: Sequence[str]
) -> list[Share]:
    shares: list[Share] = []
    for want in wants:
        having = [house for house in ranked if any(shelf.free for shelf in _of(want, [house], houses))]
        whole = [house for house in having if _of(want, [house], houses)[0].free >= want.quantity]
        if whole:
            reason = Reason.ONLY_PLACE if len(having) == 1 else _why(whole, houses, rules, others=True)
            shares += take(want, _of(want, whole[:1], houses), reason)
        else:
            shares += take(want, _of(want, having, houses), Reason.SPLIT)
    return shares


def _of(want: Want, ranked: Sequence[House], houses: dict[House, list[Shelf]]) -> list[Shelf]:
    return [shelf for house in ranked for shelf in houses[house] if shelf.sku == want.sku]
