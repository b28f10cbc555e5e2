"""Stock moving between our own warehouses."""

import uuid

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.errors import InsufficientStock
from inventory.events import StockTransferred
from inventory.models import StockMovement
from inventory.services.levels import lock_levels
from inventory.services.movements import Cause, Move, move
from kernel.errors import Invalid


@verb
def transfer_stock(
    *, sku: str, from_code: str, to_code: str, quantity: int, by: Actor
) -> tuple[StockMovement, StockMovement]:
    """Move units to another warehouse: two movements with one cause, out first. On hand in all stays the same.

    Promised units stay where they are promised. Raises `InsufficientStock` when fewer are free than that,
    `Invalid` naming the field.
    """
    if quantity < 1:
        raise Invalid("At least one unit.", field="quantity")
    if from_code == to_code:
        raise Invalid("Name two different warehouses.", field="to_warehouse")
    source, target = lock_levels(sku=sku, codes=[from_code, to_code], fields=("from_warehouse", "to_warehouse"))
    free = max(source.on_hand - source.reserved, 0)
    if quantity > free:
        raise InsufficientStock(
            f"Only {free} units are free to leave {from_code}.",
            field="quantity",
            items=[{"sku": sku, "requested": quantity, "available": free}],
        )
    cause = Cause(StockMovement.Kind.TRANSFERRED, f"transfer:{uuid.uuid4()}", by)
    out, into = move([Move(source, -quantity), Move(target, quantity)], cause)
    publish(StockTransferred(level_id=source.pk, to_level_id=target.pk, quantity=quantity), by=by)
    return out, into
