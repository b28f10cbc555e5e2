"""How units end that came back and waited to be refurbished: on sale again, or written off."""

from dataclasses import dataclass

from django.utils import timezone

from api.actors import Actor
from audit.verbs import verb
from inventory.services import Restock, restock
from kernel.errors import Invalid, NotAllowedNow, NotFound
from orders.events import ReturnRestocked, ReturnWrittenOff
from orders.models import Order, Return, ReturnLine, ReturnUnit
from orders.owned import warehouses_of
from orders.services.advance import advance
from orders.services.returns import find_return, tell
from orders.states import WRITTEN_OFF, Disposition


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Units that wait, of an order that is locked."""

    order: Order
    ret: Return
    part: ReturnLine
    unit: ReturnUnit


@verb
def restock_refurbished(*, unit_id: int, by: Actor) -> ReturnUnit:
    """Put units that were refurbished on sale, where they lie. Raises `NotFound` and `NotAllowedNow`."""
    found = _lock_waiting(unit_id, by)
    order, ret, part, unit = found.order, found.ret, found.part, found.unit
    unit.restocked_at = timezone.now()
    unit.save(update_fields=["restocked_at"])
    part.restocked += unit.quantity
    part.save(update_fields=["restocked"])
    want = Restock(line_id=part.line_id, warehouse_id=unit.warehouse_id, quantity=unit.quantity)
    restock(order_id=order.pk, wants=[want], cause=f"refurbished:{ret.number}:{unit.pk}", by=by)
    advance(order, list(order.lines.all()), verb="restock_refurbished", by=by)
    tell(order, ret, ReturnRestocked, by)
    return unit


@verb
def write_off_refurbished(*, unit_id: int, disposition: str, by: Actor) -> ReturnUnit:
    """Give up on units that could not be refurbished: they are scrapped, or go back to the supplier.

    Raises `NotFound`, `NotAllowedNow` and `Invalid` (any other disposition).
    """
    if disposition not in WRITTEN_OFF:
        raise Invalid("What is written off is scrapped or goes back to the supplier.", field="disposition")
    found = _lock_waiting(unit_id, by)
    found.unit.disposition = disposition
    found.unit.save(update_fields=["disposition"])
    advance(found.order, list(found.order.lines.all()), verb="write_off_refurbished", by=by)
    tell(found.order, found.ret, ReturnWrittenOff, by)
    return found.unit


def _lock_waiting(unit_id: int, by: Actor) -> _Waiting:
    own = warehouses_of(by)
    known = ReturnUnit.objects.filter(pk=unit_id)
    if own is not None:
        known = known.filter(warehouse__code__in=sorted(own))
    return_id = known.values_list("part__ret_id", flat=True).first()
    if return_id is None:
        raise NotFound("There are no such units.")
    order, ret = find_return(return_id)
    part, unit = next((part, unit) for part in ret.lines.all() for unit in part.units.all() if unit.pk == unit_id)
    if unit.disposition != Disposition.REFURBISH or unit.restocked_at is not None:
        raise NotAllowedNow("These units do not wait to be refurbished.")
    return _Waiting(order, ret, part, unit)
