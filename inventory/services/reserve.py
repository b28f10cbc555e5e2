"""Promising stock to an order: never a unit twice."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from inventory.allocation import Share, Shelf, Want, missing, requested_by_sku, share_out
from inventory.errors import InsufficientStock
from inventory.models import Reservation, StockLevel
from inventory.services.levels import Change, change_levels
from kernel.errors import FieldProblem


def reserve(
    *, order_id: int, wants: Sequence[Want], expires_at: datetime | None, own: frozenset[str] | None = None
) -> list[Reservation]:
    """Promise every unit wanted, or none. Runs in the transaction that places the order.

    Only from the warehouses with the codes `own`; None: from any. What lies elsewhere is told to nobody limited.

    Until `expires_at` the units are held; without it they are committed at once, which is also how a
    payment that comes late takes its stock again. `share_out` says from which warehouses they come.
    Three statements, whatever the number of lines. Raises `InsufficientStock`, whose `items` list
    `{sku, requested, available}` and whose problems name each line by its place in `wants`.
    """
    if not wants:
        return []
    levels = {level.pk: level for level in _lock_selling({want.sku for want in wants}, own)}
    shelves = [
        Shelf(level.pk, level.item.sku, (level.warehouse.priority, level.warehouse_id), level.available)
        for level in levels.values()
    ]
    if lacking := missing(wants, shelves):
        raise insufficient(wants, {sku: available for sku, (_, available) in lacking.items()})
    return _take(share_out(wants, shelves), levels, order_id=order_id, expires_at=expires_at)


def _take(
    shares: Sequence[Share], levels: Mapping[int, StockLevel], *, order_id: int, expires_at: datetime | None
) -> list[Reservation]:
    """Count the shares of locked levels, and write who they are promised to."""
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
                quantity=share.quantity,
                state=Reservation.State.HELD if expires_at else Reservation.State.COMMITTED,
                expires_at=expires_at,
            )
            for share in shares
        ]
    )


def _lock_selling(skus: set[str], own: frozenset[str] | None) -> list[StockLevel]:
    return list(
        StockLevel.objects.selling()
        .lying_in(own)
        .filter(item__sku__in=skus)
        .select_related("item", "warehouse")
        .select_for_update(of=("self",))
        .order_by("id")
    )


def insufficient(wants: Sequence[Want], lacking: Mapping[str, int]) -> InsufficientStock:
    """The refusal of these wants, given how many units of each item that lacks could be had."""
    requested = requested_by_sku(wants)
    return InsufficientStock(
        f"Not enough stock of {', '.join(sorted(lacking))}.",
        problems=[
            FieldProblem(f"lines.{place}.quantity", InsufficientStock.code, f"Only {lacking[want.sku]} available.")
            for place, want in enumerate(wants)
            if want.sku in lacking
        ],
        items=[
            {"sku": sku, "requested": requested[sku], "available": available}
            for sku, available in sorted(lacking.items())
        ],
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
