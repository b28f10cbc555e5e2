"""What follows for exceptions when something happened to stock, an order or a package."""

from api.actors import Actor
from audit.exceptions.kinds import ExceptionKind
from audit.exceptions.services import Subject, raise_case
from inventory.events import ShortfallChanged, ShortfallClosed, ShortfallOpened
from inventory.models import Shortfall
from orders.events import CarrierException, OrderPaid
from orders.exceptions.stock import settle_stock_holds
from orders.models import Shipment
from orders.states import ShipmentStatus


def hold_short_orders(event: ShortfallOpened | ShortfallChanged | ShortfallClosed) -> None:
    """Hold the orders whose goods are not there, and let go those whose goods are."""
    settle_stock_holds(by=Actor.system("hold_short_orders"))


def hold_when_short(event: OrderPaid) -> None:
    """An order that is paid while its goods are missing waits like the others."""
    if Shortfall.objects.filter(closed_at=None, level__reservations__order_id=event.order_id).exists():
        settle_stock_holds(by=Actor.system("hold_short_orders"))


def raise_carrier_exception(event: CarrierException) -> None:
    """The carrier has trouble with a package: somebody asks. It closes by itself once the package has arrived."""
    shipment = Shipment.objects.select_related("warehouse").get(pk=event.shipment_id)
    if shipment.status != ShipmentStatus.SHIPPED:
        return
    said = shipment.carrier_status.replace("_", " ")
    raise_case(
        kind=ExceptionKind.CARRIER_EXCEPTION,
        subject=Subject("orders.shipment", str(shipment.pk), shipment.number, [shipment.warehouse.code]),
        detail=f"{shipment.carrier} {shipment.tracking_number}: {said or 'trouble on the way'}".strip(),
        by=Actor.system("raise_carrier_exception"),
    )
