"""Holds: reasons not to pack an order for now."""

from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.errors import NotFound, PermissionRefused
from orders.actions import guard, refusal
from orders.events import HoldPlaced, HoldReleased
from orders.models import Hold
from orders.services.advance import advance
from orders.services.read import lock_order
from orders.states import HOLD_RELEASED_BY


@verb
def place_hold(*, order_id: int, kind: str, note: str = "", by: Actor) -> Hold:
    """Stop packing for a reason (`HoldKind`). Raises `NotAllowedNow` when that hold is there already."""
    order = lock_order(order_id)
    guard("hold", order)
    if any(hold.kind == kind and hold.released_at is None for hold in order.holds.all()):
        raise refusal(order, "The order already has this hold.", field="kind")
    hold = Hold.objects.create(order=order, kind=kind, note=note, placed_by=str(by), placed_at=timezone.now())
    advance(order, list(order.lines.all()), verb="hold", by=by, reason=kind)
    publish(HoldPlaced(order_id=order.pk, version=order.version), by=by)
    return hold


@verb
def release_hold(*, order_id: int, hold_id: int, role: str, by: Actor) -> Hold:
    """Let the order go on, as far as this hold is concerned. Raises `PermissionRefused` by `HOLD_RELEASED_BY`."""
    order = lock_order(order_id)
    hold = next((found for found in order.holds.all() if found.pk == hold_id), None)
    if hold is None:
        raise NotFound("There is no such hold on this order.")
    if hold.released_at is not None:
        raise refusal(order, "This hold has been released.")
    allowed = HOLD_RELEASED_BY[hold.kind]
    if role not in allowed:
        raise PermissionRefused(f"Only {' or '.join(sorted(allowed))} may release this hold.")
    hold.released_at, hold.released_by = timezone.now(), str(by)
    hold.save()
    advance(order, list(order.lines.all()), verb="release_hold", by=by, reason=hold.kind)
    publish(HoldReleased(order_id=order.pk, version=order.version), by=by)
    return hold
