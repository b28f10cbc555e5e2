"""The one place where an order's statuses, version and transition are written."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from inventory.services import commit_reservations
from orders.codes.redeem import confirm_codes
from orders.events import OrderPaid
from orders.models import Order, OrderLine, OrderTransition, ShippingCharge
from orders.pricing.delivery import promise_of, ship_by_instant, start_of
from orders.states import (
    ORDER_MOVES,
    ReturnStatus,
    Status,
    Units,
    fulfillment_status,
    order_status,
    payment_status,
    return_status,
)


def advance(
    order: Order,
    lines: Sequence[OrderLine],
    *,
    verb: str,
    by: Actor,
    reason: str = "",
    open_returns: bool | None = None,
) -> Order:
    """Derive the statuses from the facts, save the order at its next version and write the transition.

    The caller holds the order's lock and has changed its facts. `open_returns` says whether a return is awaited;
    None keeps what was. Becoming paid commits the reservations here, since money or a cancelled line may be what
    settles an order.
    """
    before = order.status
    becomes_paid = derive(order, lines, open_returns=open_returns)
    settle_added(order, lines)
    if becomes_paid:
        commit_reservations(order_id=order.pk)
        confirm_codes(order)
        assert order.paid_at is not None
        promise_from(order.paid_at, order, lines)
    order.save()
    write_transition(order, verb=verb, before=before, by=by, reason=reason)
    if becomes_paid:
        publish(OrderPaid(order_id=order.pk, version=order.version), by=by)
    return order


def settle_added(order: Order, lines: Sequence[OrderLine]) -> None:
    """Keep for good what an edit has added to a paid order, once nothing is left to be paid. The caller saves it."""
    added = [line for line in lines if line.unpaid]
    if not added or not order.money().is_settled:
        return
    for line in added:
        line.unpaid = False
    OrderLine.objects.bulk_update(added, ["unpaid"])
    order.expires_at = None
    commit_reservations(order_id=order.pk)


def derive(order: Order, lines: Sequence[OrderLine], *, open_returns: bool | None = None) -> bool:
    """Set the statuses that follow from the facts, and the next version, on an order that the caller saves.

    Returns whether this is what makes it paid.
    """
    units = Units.total([line.units for line in lines])
    money = order.money()
    if open_returns is None:
        open_returns = order.return_status == ReturnStatus.REQUESTED
    before, after = order.status, order_status(units, money)
    if order.version and after != before and after not in ORDER_MOVES[Status(before)]:
        raise RuntimeError(f"{order.number} cannot go from {before} to {after}.")
    order.status = after
    order.payment_status = payment_status(money)
    order.fulfillment_status = fulfillment_status(units)
    order.return_status = return_status(units, open_returns=open_returns)
    order.version += 1
    becomes_paid = order.paid_at is None and after not in {Status.PENDING, Status.CANCELLED}
    if becomes_paid:
        order.paid_at, order.expires_at = timezone.now(), None
    return becomes_paid


def promise_from(at: datetime, order: Order, lines: Sequence[OrderLine]) -> None:
    """Count what was promised from `at`: the payment, since nothing is packed before, and from the day on which the
    last of the units is to come that are not there yet. The caller saves the order.
    """
    awaited = [start_of(line.promised_on) for line in lines if line.waiting and line.promised_on]
    begins = max([at, *awaited])
    charge = ShippingCharge.objects.filter(order=order).first()
    if charge is None:  # it was placed before charges were kept
        order.ship_by = max(order.ship_by or at + timedelta(hours=settings.SHOP_SHIP_WITHIN_HOURS), begins)
        return
    promised = promise_of(charge, begins)
    order.ship_by, order.deliver_by = ship_by_instant(promised), promised.deliver_by


def write_transition(order: Order, *, verb: str, before: str, by: Actor, reason: str = "") -> None:
    """Write how the order came to its present version."""
    OrderTransition.objects.create(
        order=order,
        version=order.version,
        verb=verb,
        from_status=before if order.version > 1 else "",
        to_status=order.status,
        payment_status=order.payment_status,
        fulfillment_status=order.fulfillment_status,
        return_status=order.return_status,
        actor=str(by),
        reason=reason,
        created_at=timezone.now(),
    )
