"""Packages that come back without having been delivered.

Nobody asks for such a return: it is opened approved, for just the package's units, without window, fee or label. Until
it is received the package is `shipped` or `lost`, as it was. Then its units count as delivered and returned at once, so
that each stage of a line stays within the one before, and the package is `returned`.
"""

from collections.abc import Mapping

from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.errors import Invalid
from orders.actions import refusal
from orders.events import ShipmentCameBack
from orders.models import Order, OrderLine, Return, ReturnLine, Shipment
from orders.returning.rules import OPEN
from orders.services.advance import advance
from orders.services.ship import contents_of, lock_shipment
from orders.states import UNDELIVERED, LabelPayer, ReturnReason, ReturnState, ShipmentStatus


@verb
def return_to_sender(*, shipment_id: int, by: Actor) -> Return:
    """Open the return of a package that the carrier brings back. Raises `NotFound` and `NotAllowedNow`."""
    order, package = lock_shipment(shipment_id, ShipmentStatus.RETURNED, by)
    if package.status not in UNDELIVERED:
        raise refusal(order, "It was delivered: the customer returns it.")
    if package not in may_come_back(order):
        raise refusal(order, "A return awaits it already.")
    now = timezone.now()
    ret = Return.objects.create(
        order=order,
        number=f"{order.number}-R{len(order.returns.all()) + 1}",
        status=ReturnState.APPROVED,
        shipment=package,
        label_paid_by=LabelPayer.SHOP,
        requested_at=now,
        decided_at=now,
    )
    ReturnLine.objects.bulk_create(
        ReturnLine(ret=ret, line=line, quantity=quantity, reason=ReturnReason.UNDELIVERED)
        for line, quantity in contents_of(order, package).items()
    )
    advance(order, list(order.lines.all()), verb="return_to_sender", by=by, open_returns=True)
    publish(ShipmentCameBack(order_id=order.pk, version=order.version, shipment_id=package.pk), by=by)
    return ret


def may_come_back(order: Order) -> list[Shipment]:
    """The packages that have left, did not arrive, and are not awaited yet."""
    awaited = {ret.shipment_id for ret in order.returns.all() if ret.status in OPEN}
    return [found for found in order.shipments.all() if found.status in UNDELIVERED and found.pk not in awaited]


def package_of(order: Order, ret: Return) -> Shipment | None:
    """The package that comes back undelivered with this return; None where the customer has had its units."""
    packages = (found for found in order.shipments.all() if found.pk == ret.shipment_id)
    return next((found for found in packages if found.status in UNDELIVERED), None)


def take_back(order: Order, package: Shipment, units: Mapping[OrderLine, int]) -> None:
    """Count what is about to be returned as delivered, too. Raises `Invalid` unless it is all of the package.

    Once nothing is still to come, the window of what the customer does have begins.
    """
    contents = contents_of(order, package)
    for line, quantity in contents.items():
        if units.get(line) != quantity:
            raise Invalid(
                f"{line.sku}: the package held {quantity}, count them all. What is missing is damaged and scrapped.",
                field="lines",
            )
        line.delivered += quantity
    OrderLine.objects.bulk_update(contents, ["delivered"])
    package.status = ShipmentStatus.RETURNED
    package.save(update_fields=["status"])
    has_some = any(found.delivered_at for found in order.shipments.all())
    if has_some and all(line.delivered == line.units.live for line in order.lines.all()):
        order.delivered_at = timezone.now()
