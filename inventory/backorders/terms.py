"""Whether an item may be sold beyond its stock, and what is promised then."""

from dataclasses import dataclass
from datetime import date

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.backorders.selling import lock_items
from inventory.events import BackorderTermsChanged
from inventory.models import MAX_ON_HAND, StockItem
from kernel.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class BackorderTerms:
    """Units that may be sold beyond the stock (None: none), the first day of sale, and when more is expected."""

    limit: int | None = None
    available_from: date | None = None
    expected_on: date | None = None


@verb
def set_backorder_terms(*, sku: str, terms: BackorderTerms, by: Actor) -> StockItem:
    """Sell the item beyond its stock on these terms. Who waits already keeps what they were promised.

    Raises `NotFound` and `Invalid`.
    """
    if terms.limit is not None and not 0 <= terms.limit <= MAX_ON_HAND:
        raise Invalid(f"From 0 to {MAX_ON_HAND}.", field="limit")
    item = lock_items([sku]).get(sku)
    if item is None:
        raise NotFound(f"There is no item {sku}.")
    if terms == BackorderTerms(item.backorder_limit, item.available_from, item.expected_on):
        return item
    item.backorder_limit, item.available_from, item.expected_on = terms.limit, terms.available_from, terms.expected_on
    item.save(update_fields=["backorder_limit", "available_from", "expected_on"])
    publish(BackorderTermsChanged(item_id=item.pk), by=by)
    return item
