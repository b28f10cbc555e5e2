"""Units kept back from sale."""

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.events import SafetyChanged
from inventory.models import MAX_ON_HAND, StockLevel
from inventory.services.levels import lock_levels
from kernel.errors import Invalid


@verb
def set_safety(*, sku: str, warehouse_code: str, safety: int, by: Actor) -> StockLevel:
    """Keep so many units back from sale. What is promised already stays promised. Raises `Invalid`."""
    if not 0 <= safety <= MAX_ON_HAND:
        raise Invalid(f"From 0 to {MAX_ON_HAND}.", field="safety")
    (level,) = lock_levels(sku=sku, codes=[warehouse_code])
    if level.safety == safety:
        return level
    level.safety = safety
    level.save(update_fields=["safety"])
    level.refresh_from_db(fields=["available"])
    publish(SafetyChanged(level_id=level.pk, safety=safety), by=by)
    return level
