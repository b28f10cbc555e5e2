"""What follows for exceptions when something happened to stock, an order or a package."""

from datetime import datetime

from django.db.models import Max

from api.actors import Actor
from audit.exceptions.kinds import ExceptionKind
from audit.exceptions.services import Subject, raise_case
from inventory.events import ShortfallChanged, ShortfallClosed, ShortfallOpened
from inventory.models import Shortfall
from orders.events import CarrierException, OrderPaid
from orders.exceptions.stock import settle_stock_holds
from orders.models import CarrierScan, Shipment
from orders.states import CARRIER_TROUBLE, ShipmentStatus


def hold_short_orders(event: ShortfallOpened | ShortfallChanged | ShortfallClosed) -> None:
    """Hold the orders whose goods are not there, and let go those whose goods are."""
    settle_stock_holds(by=Actor.system("hold_short_orders"))


def hold_when_short(event: OrderPaid) -> None:
    """An order that is paid while its goods are missing waits like the others."""
    if Shortfall.objects.filter(closed_at=None, level__reservations__order_id=event.order_id).exists():
        settle_stock_holds(by=Actor.system("hold_short_orders"))


def raise_carrier_exception(event: CarrierException) -> None:
    """The carrier has trouble with a package: somebody asks, also who has been told of earlier trouble with it."""
    shipment = Shipment.objects.select_related("warehouse").get(pk=event.shipment_id)
    if shipment.status != ShipmentStatus.SHIPPED or shipment.carrier_status not in CARRIER_TROUBLE:
        return
    raise_case(
        kind=ExceptionKind.CARRIER_EXCEPTION,
        subject=Subject("orders.shipment", str(shipment.pk), shipment.number, [shipment.warehouse.code]),
        detail=f"{shipment.carrier} {shipment.tracking_number}: {shipment.carrier_status.replace('_', ' ')}".strip(),
        since=_told_of_trouble(shipment),
        by=Actor.system("raise_carrier_exception"),
    )


def _told_of_trouble(shipment: Shipment) -> datetime | None:
    """When we last heard of trouble with a parcel; the packages of an order may share one."""
    scans = CarrierScan.objects.filter(
        tracking_number=shipment.tracking_number, shipment__order=shipment.order_id, status__in=CARRIER_TROUBLE
    )
    told: datetime | None = scans.aggregate(told=Max("processed_at"))["told"]
    return told
