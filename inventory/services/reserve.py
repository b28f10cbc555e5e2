"""Promising stock to an order: never a unit twice."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery

from inventory.allocation import Share, Shelf, Want, missing
from inventory.backorders.selling import insufficient, sell_ahead, spared
from inventory.models import Backorder, Reservation, RoutingRule, StockLevel
from inventory.routing import DEFAULT, Destination, distance, share_out
from inventory.services.levels import Change, change_levels

NOWHERE = Destination()


def reserve(
    *,
    order_id: int,
    wants: Sequence[Want],
    expires_at: datetime | None,
    number: str = "",
    to: Destination = NOWHERE,
    own: frozenset[str] | None = None,
) -> list[Reservation | Backorder]:
    """Promise every unit wanted, or none. Runs in the transaction that places the order.

    Only from the warehouses with the codes `own`; None: from any. What lies elsewhere is told to nobody limited.

    Until `expires_at` the units are held; without it they are committed at once, which is also how a
    payment that comes late takes its stock again. `inventory.routing` says from which warehouses they come.
    Three statements, whatever the number of lines. What is not there is sold ahead where the item allows it, and
    comes back as a `Backorder`; what came in for those who wait is not there for others. Raises `InsufficientStock`,
    whose `items` list `{sku, requested, available}` and whose problems name each line by its place in `wants`.
    """
    if not wants:
        return []
    levels = {level.pk: level for level in lock_selling({want.sku for want in wants}, own)}
    shelves = shelves_of(levels.values(), to)
    now, ahead = wants, list[Backorder]()
    if lacking := missing(wants, spared(shelves, {level.item.sku: level.item.waiting for level in levels.values()})):
        if own is not None:
            # What comes in later may lie where it is not theirs.
            raise insufficient(wants, {sku: there for sku, (_, there) in lacking.items()})
        now, ahead = sell_ahead(wants, shelves, order_id=order_id, number=number)
    shares = share_out(now, shelves, rules_of(levels))
    return [*take_shares(shares, levels, order_id=order_id, number=number, expires_at=expires_at), *ahead]


def lock_selling(skus: set[str], own: frozenset[str] | None = None) -> list[StockLevel]:
    """The levels that sell these items, locked, each with the shop's routing rules as `rules`."""
    rules = RoutingRule.objects.filter(active=True).order_by("position", "id").values("strategy")
    return list(
        StockLevel.objects.selling()
        .lying_in(own)
        .filter(item__sku__in=skus)
        .annotate(rules=ArraySubquery(rules))
        .select_related("item", "warehouse")
        .select_for_update(of=("self",))
        .order_by("id")
    )


def rules_of(levels: Mapping[int, Any]) -> Sequence[str]:
    """The routing rules in their order, as they came with the levels."""
    return next((level.rules for level in levels.values()), None) or DEFAULT


def shelves_of(levels: Iterable[StockLevel], to: Destination) -> list[Shelf]:
    """The levels as routing sees them."""
    return [
        Shelf(
            level.pk,
            level.item.sku,
            (level.warehouse.priority, level.warehouse_id),
            level.available,
            distance(to, country=level.warehouse.country, region=level.warehouse.region),
        )
        for level in levels
    ]


def take_shares(
    shares: Sequence[Share],
    levels: Mapping[int, StockLevel],
    *,
    order_id: int,
    number: str,
    expires_at: datetime | None,
) -> list[Reservation]:
    """Write the reservations of these shares of locked levels, and count them."""
    taken = Counter[int]()
    for share in shares:
        taken[share.level_id] += share.quantity
    change_levels({pk: Change(reserved=quantity) for pk, quantity in taken.items()})
    return Reservation.objects.bulk_create(
        [
            Reservation(
                level=levels[share.level_id],
                item_id=levels[share.level_id].item_id,
                warehouse_id=levels[share.level_id].warehouse_id,
                order_id=order_id,
                order_line_id=share.want.line_id,
                order_number=number,
                quantity=share.quantity,
                reason=share.reason,
                state=Reservation.State.HELD if expires_at else Reservation.State.COMMITTED,
                expires_at=expires_at,
            )
            for share in shares
        ]
    )


def commit_reservations(*, order_id: int) -> int:
    """Keep for good what is held for the order, since it is paid. Returns how many reservations that were.

    None means that they were released meanwhile, or committed before: look, and reserve again what is missing.
    """
    held = Reservation.objects.filter(order_id=order_id, state=Reservation.State.HELD)
    return held.update(state=Reservation.State.COMMITTED, expires_at=None)


def extend_reservations(*, order_id: int, until: datetime) -> int:
    """Hold longer what is held for the order. Returns how many reservations that were."""
    held = Reservation.objects.filter(order_id=order_id, state=Reservation.State.HELD)
    return held.update(expires_at=until)
