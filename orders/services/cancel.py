"""Cancelling, and expiring what nobody paid."""

from collections.abc import Mapping

from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.backorders.selling import cancel_waiting
from inventory.services import commit_reservations, release
from kernel.errors import Invalid, NotAllowedNow
from orders.actions import guard
from orders.codes.redeem import release_codes
from orders.events import OrderCancelled, OrderEdited, OrderExpired, OrderLinesCancelled
from orders.models import Order, OrderLine
from orders.pricing.quote import value_of_units
from orders.services.advance import advance
from orders.services.read import lock_order, packed_by_warehouse, pick_lines
from orders.states import Status

NOT_PAID = "not paid in time"


@verb
def cancel_order(*, order_id: int, reason: str, lines: Mapping[int, int] | None = None, by: Actor) -> Order:
    """Give up an order, or units of its lines ({line id: units}) that are not packed; their stock is free at once.

    What was paid for them goes back through `OrderCancelled` or `OrderLinesCancelled`. Raises `NotAllowedNow`
    once anything (for lines: all of it) is packed, `TooMany`, `NotFound` for another's line.
    """
    order = lock_order(order_id)
    guard("cancel" if lines is None else "cancel_lines", order)
    room = {line.pk: line.units.unpacked for line in order.lines.all()}
    chosen = pick_lines(order, room if lines is None else lines, room)
    if not chosen:
        raise Invalid("Name at least one line.", field="lines")
    cancel_units(order, chosen, reason)
    advance(order, list(order.lines.all()), verb="cancel", by=by, reason=reason)
    whole = order.status == Status.CANCELLED
    event = OrderCancelled if whole else OrderLinesCancelled
    publish(event(order_id=order.pk, version=order.version), by=by)
    return order


@verb
def expire_order(*, order_id: int, by: Actor) -> Order:
    """Cancel an order that was not paid in time and free its stock. Raises `NotAllowedNow` when it is not due."""
    order = lock_order(order_id)
    if order.status != Status.PENDING or order.expires_at is None or order.expires_at > timezone.now():
        raise NotAllowedNow("The order has not expired.")
    cancel_units(order, {line: line.units.live for line in order.lines.all() if line.units.live}, "expired")
    advance(order, list(order.lines.all()), verb="expire", by=by, reason=NOT_PAID)
    publish(OrderExpired(order_id=order.pk, version=order.version), by=by)
    return order


@verb
def expire_edit(*, order_id: int, by: Actor) -> Order:
    """Give up what edits have added to a paid order and nobody paid in time; the rest of it stays as it was.

    What was paid above what is due then goes back through `OrderEdited`. Raises `NotAllowedNow` when it is not due.
    """
    order = lock_order(order_id)
    added = [line for line in order.lines.all() if line.unpaid]
    if order.paid_at is None or order.expires_at is None or order.expires_at > timezone.now():
        raise NotAllowedNow("No edit of the order has expired.")
    cancel_units(order, {line: line.units.live for line in added if line.units.live}, NOT_PAID)
    for line in added:
        line.unpaid = False
    OrderLine.objects.bulk_update(added, ["unpaid"])
    order.expires_at = None
    commit_reservations(order_id=order.pk)  # what came in meanwhile for units that were paid before
    advance(order, list(order.lines.all()), verb="expire_edit", by=by, reason=NOT_PAID)
    event = OrderCancelled if order.status == Status.CANCELLED else OrderEdited
    publish(event(order_id=order.pk, version=order.version), by=by)
    return order


def cancel_units(order: Order, chosen: Mapping[OrderLine, int], reason: str) -> None:
    """Count units as cancelled, lower what is due by their value and free their stock."""
    for line, quantity in chosen.items():
        order.cancelled_total += value_of_units(
            line.total, line.quantity, first=line.cancelled, count=quantity, currency=order.currency
        )
        line.cancelled += quantity
    # What has not come yet is given up first.
    waiting = {line: min(quantity, line.waiting) for line, quantity in chosen.items() if line.waiting}
    for line, quantity in waiting.items():
        line.waiting -= quantity
    OrderLine.objects.bulk_update(chosen, ["cancelled", "waiting"])
    if all(line.units.live == 0 for line in order.lines.all()):
        # With the last unit goes the shipping.
        order.cancelled_total = order.total
        order.cancelled_at, order.cancel_reason, order.expires_at = timezone.now(), reason, None
        release_codes(order)
    if order.test:  # it has reserved nothing
        return
    release(
        order_id=order.pk,
        quantities={line.pk: quantity - waiting.get(line, 0) for line, quantity in chosen.items()},
        keep=packed_by_warehouse(order),
    )
    if waiting:
        cancel_waiting(order_id=order.pk, quantities={line.pk: quantity for line, quantity in waiting.items()})
