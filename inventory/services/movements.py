"""Moving what lies on the shelves: each change of `on_hand` with its row in the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.actors import Actor
from inventory.errors import NotOnHand
from inventory.models import MAX_ON_HAND, StockLevel, StockMovement
from inventory.services.levels import Change, change_levels
from kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Move:
    """One change of one locked level; `line_id` when it was sold on an order's line."""

    level: StockLevel
    delta: int
    line_id: int | None = None
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class Cause:
    """Why units move, and who moves them."""

    kind: StockMovement.Kind
    cause: str
    by: Actor
    reason: str = ""


def move(moves: Sequence[Move], why: Cause) -> list[StockMovement]:
    """Change `on_hand` (and `reserved`) of locked levels and write the ledger. Two statements for any number.

    Raises `NotOnHand` when more would leave a shelf than lies on it, and then nothing has moved.
    """
    changes = _sum(moves)
    levels = {move.level.pk: move.level for move in moves}
    for pk, change in changes.items():
        _check(levels[pk], change)
    counters = change_levels(changes)
    for pk, after in counters.items():
        _tell(levels[pk], after.on_hand, after.reserved)
    running = {pk: after.on_hand - changes[pk].on_hand for pk, after in counters.items()}
    rows = []
    for step in moves:
        running[step.level.pk] += step.delta
        rows.append(
            StockMovement(
                level=step.level,
                item_id=step.level.item_id,
                warehouse_id=step.level.warehouse_id,
                delta=step.delta,
                on_hand_after=running[step.level.pk],
                kind=why.kind,
                reason=why.reason,
                cause=why.cause,
                order_line_id=step.line_id,
                actor=str(why.by),
            )
        )
    return StockMovement.objects.bulk_create(rows)


def _sum(moves: Sequence[Move]) -> dict[int, Change]:
    changes: dict[int, Change] = {}
    for step in moves:
        so_far = changes.get(step.level.pk, Change())
        changes[step.level.pk] = Change(so_far.on_hand + step.delta, so_far.reserved + step.reserved)
    return changes


def _check(level: StockLevel, change: Change) -> None:
    if level.on_hand + change.on_hand < 0:
        raise NotOnHand(f"There are only {level.on_hand} units of {level}. Count the shelf first.")
    if level.on_hand + change.on_hand > MAX_ON_HAND:
        raise Invalid(f"At most {MAX_ON_HAND} units can lie in one place.")


def _tell(level: StockLevel, on_hand: int, reserved: int) -> None:
    """Let the instance in the caller's hands say what the row says now."""
    level.on_hand, level.reserved = on_hand, reserved
    level.available = max(on_hand - reserved - level.safety, 0)
