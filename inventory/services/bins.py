"""Where in a warehouse an item lies."""

from django.core.exceptions import ValidationError

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.events import BinChanged
from inventory.models import StockLevel, is_bin
from inventory.services.levels import lock_levels
from kernel.errors import Invalid

MAX_BIN = 30


@verb
def place_in_bin(*, sku: str, warehouse_code: str, bin: str, by: Actor) -> StockLevel:  # noqa: A002  the field's name
    """Write down in which bin of the warehouse the item lies; an empty one takes it out. Raises `Invalid`."""
    bin = bin.strip().upper()  # noqa: A001
    _check(bin)
    (level,) = lock_levels(sku=sku, codes=[warehouse_code])
    if level.bin == bin:
        return level
    level.bin = bin
    level.save(update_fields=["bin"])
    publish(BinChanged(level_id=level.pk), by=by)
    return level


def _check(name: str) -> None:
    try:
        if name:
            is_bin(name)
    except ValidationError as error:
        raise Invalid(error.messages[0], field="bin") from error
    if len(name) > MAX_BIN:
        raise Invalid(f"At most {MAX_BIN} characters.", field="bin")
