"""People correcting what the books say lies on a shelf."""

import uuid

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.events import StockAdjusted
from inventory.models import MAX_ON_HAND, StockLevel, StockMovement
from inventory.services.levels import lock_levels
from inventory.services.movements import Cause, Move, move
from kernel.errors import Invalid

Kind, Reason = StockMovement.Kind, StockMovement.Reason
# Which way each reason can move the books; a count or a correction goes either way.
ONLY_UP = {Reason.RECEIVED}
ONLY_DOWN = {Reason.DAMAGE, Reason.LOSS}


@verb
def adjust_stock(
    *, sku: str, warehouse_code: str, reason: str, by: Actor, delta: int | None = None, on_hand: int | None = None
) -> StockMovement:
    """Bring the books in line with the shelf: by so many units (`delta`), or to what was found (`on_hand`).

    On hand may fall below what is promised; then a shortfall opens. Returns the movement, whose `level` has
    the new numbers. Raises `Invalid` naming the field, and `NotOnHand` when fewer units lie there than leave.
    """
    if (delta is None) == (on_hand is None):
        raise Invalid("Give either delta or on_hand.", field="delta")
    if reason not in Reason:
        raise Invalid(f"One of: {', '.join(Reason)}.", field="reason")
    (level,) = lock_levels(sku=sku, codes=[warehouse_code])
    change = delta if delta is not None else _difference(level, on_hand or 0)
    _check_direction(change, reason, field="delta" if delta is not None else "on_hand")
    kind = Kind.RECEIVED if reason == Reason.RECEIVED else Kind.ADJUSTED
    return book(level, change, Cause(kind, f"adjustment:{uuid.uuid4()}", by, reason))


@verb
def receive_stock(*, sku: str, warehouse_code: str, quantity: int, cause: str, by: Actor) -> StockMovement:
    """Put a delivery on the shelf. `cause` names its paper, such as a purchase order. Raises `Invalid`."""
    if quantity < 1:
        raise Invalid("At least one unit.", field="quantity")
    (level,) = lock_levels(sku=sku, codes=[warehouse_code])
    return book(level, quantity, Cause(Kind.RECEIVED, cause, by, Reason.RECEIVED))


def book(level: StockLevel, delta: int, why: Cause) -> StockMovement:
    """Move one locked level and tell."""
    (movement,) = move([Move(level, delta)], why)
    publish(StockAdjusted(level_id=level.pk, movement_id=movement.pk), by=why.by)
    return movement


def _difference(level: StockLevel, on_hand: int) -> int:
    if not 0 <= on_hand <= MAX_ON_HAND:
        raise Invalid(f"From 0 to {MAX_ON_HAND}.", field="on_hand")
    return on_hand - level.on_hand


def _check_direction(delta: int, reason: str, *, field: str) -> None:
    if delta == 0 and reason != Reason.COUNT:
        raise Invalid("This changes nothing; only a count may confirm the books.", field=field)
    if (delta < 0 and reason in ONLY_UP) or (delta > 0 and reason in ONLY_DOWN):
        raise Invalid(f"{reason.capitalize()} units cannot move the books this way.", field=field)
