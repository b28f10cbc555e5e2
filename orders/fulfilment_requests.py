"""Orders and the WMS of their warehouses: what it is asked, what a request says, and the packages it has sent."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.forms import model_to_dict

from api.actors import Actor
from inventory.models import Warehouse
from inventory.wms import inbox
from inventory.wms.events import WmsShipmentReported
from inventory.wms.inbox import ReportedShipment
from inventory.wms.packages import note_package
from inventory.wms.push import Wanted, queue_requests
from inventory.wms.states import RequestKind
from kernel.errors import Invalid, NotFound, Refused
from orders.actions import GUARDS, facts_of
from orders.events import OrderEvent, PaymentRecorded
from orders.exceptions.stock import WATCHER
from orders.models import Order, OrderAddress, OrderLine
from orders.models.order import ADDRESS_FIELDS
from orders.services import pack_shipment, release_hold, ship_shipment, unpacked_by_warehouse
from orders.services.read import lock_order
from orders.states import HoldKind

BY = Actor.system("wms")


def request_fulfilment(event: OrderEvent) -> None:
    """Let the WMS of each warehouse know what is to become of the order now: ship it, wait, or leave it."""
    _request(event, changed=True)


def follow_payment(event: PaymentRecorded) -> None:
    """Money came or went of an order that was paid before: ask again for what may be shipped again, take back what
    may not.
    """
    _request(event, changed=False)


def _request(event: OrderEvent, *, changed: bool) -> None:
    order = lock_order(event.order_id)
    if order.test:
        return
    facts = facts_of(order)
    queue_requests(
        Wanted(
            order_id=order.pk,
            version=event.version,
            places=frozenset(unpacked_by_warehouse(order)),
            may_ship=GUARDS["pack"](facts) is None,
            is_held=bool(facts.open_holds),
            changed=changed,
        )
    )


def body_of(*, order_id: int, kind: str, warehouse: str, cause: str) -> Mapping[str, Any] | None:
    """What a request says, from the order as it is now; None where that has overtaken it."""
    order = Order.objects.whole().get(pk=order_id)
    if kind == RequestKind.SHIPPED:
        return _said_of_package(order, cause)
    if kind != RequestKind.FULFIL:
        return {"order": order.number}
    place = Warehouse.objects.get(code=warehouse)
    units, left = unpacked_by_warehouse(order).get(place.pk, {}), _left_from(order, place)
    if not units or GUARDS["pack"](facts_of(order)) is not None:
        return None
    return {
        "order": order.number,
        "ship_by": order.ship_by.isoformat() if order.ship_by else None,
        "shipping_method": order.shipping_method,
        "ship_to": _address(order),
        "lines": [
            {"line": line.pk, "sku": line.sku, "quantity": units[line.pk], "shipped": left.get(line.pk, 0)}
            for line in order.lines.all()
            if line.pk in units
        ],
    }


def _left_from(order: Order, place: Warehouse) -> dict[int, int]:
    """{line id: units} that we know to have left there. A WMS that has sent more, and was asked anew before we heard of
    it, sees by this what is not to be sent twice.
    """
    left: dict[int, int] = {}
    for shipment in order.shipments.all():
        if shipment.warehouse_id == place.pk and shipment.shipped_at is not None:
            for part in shipment.lines.all():
                left[part.line_id] = left.get(part.line_id, 0) + part.quantity
    return left


def ship_reported(event: WmsShipmentReported) -> None:
    """Pack and ship what a WMS has sent, once. What cannot be is put off, or parked for a person."""
    report = inbox.handed_over(event.event_id)
    if report is None:
        return
    try:
        with transaction.atomic():
            _ship(report)
    except Refused as refusal:
        # More than was ordered stays more, and cancelled units stay cancelled; an order that is unknown, unpaid or on
        # hold may come right.
        never = isinstance(refusal, Invalid) or _is_done(report.order)
        inbox.refuse(event.event_id, refusal.text, may_come_right=not never)
    else:
        inbox.settle(event.event_id)


def _is_done(number: str) -> bool:
    """Whether nothing of this order is left to be sent."""
    lines = OrderLine.objects.filter(order__number=number)
    return bool(lines) and not any(line.units.unpacked for line in lines)


def _ship(report: ReportedShipment) -> None:
    order_id = Order.objects.filter(number=report.order).values_list("pk", flat=True).first()
    if order_id is None:
        raise NotFound(f"There is no order {report.order}.")
    order = lock_order(order_id)
    lines = _lines(order, report)
    _let_go_for_stock(order)
    shipment = pack_shipment(order_id=order_id, lines=lines, warehouse=report.warehouse, by=BY)
    units: dict[str, int] = {}
    for part in shipment.lines.select_related("line"):
        units[part.line.sku] = units.get(part.line.sku, 0) + part.quantity
    note_package(report=report, order_id=order_id, cause=shipment.cause, units=units, by=BY)
    ship_shipment(shipment_id=shipment.pk, carrier=report.carrier, tracking_number=report.tracking_number, by=BY)


def _let_go_for_stock(order: Order) -> None:
    """What has left was there: that stock is missing keeps it from being booked no longer. What is missing for the
    rest is held anew with the next look.
    """
    for hold in order.holds.all():
        if hold.kind == HoldKind.STOCK and hold.placed_by == str(WATCHER) and hold.released_at is None:
            release_hold(order_id=order.pk, hold_id=hold.pk, role="admin", by=BY)


def _lines(order: Order, report: ReportedShipment) -> dict[int, int]:
    """{line id: units}: by line, or shared over the lines of the SKU, with all that is too many on the last."""
    chosen: dict[int, int] = {}
    for told in report.lines:
        if told.line is not None:
            chosen[told.line] = chosen.get(told.line, 0) + told.quantity
            continue
        fitting = [line for line in order.lines.all() if line.sku == told.sku]
        if not fitting:
            raise Invalid(f"{told.sku} is not part of order {order.number}.", field="lines")
        left = told.quantity
        for line in fitting:
            room = left if line is fitting[-1] else min(left, line.units.unpacked - chosen.get(line.pk, 0))
            if room > 0:
                chosen[line.pk] = chosen.get(line.pk, 0) + room
                left -= room
    return chosen


def _said_of_package(order: Order, cause: str) -> Mapping[str, Any] | None:
    shipment = next((found for found in order.shipments.all() if found.cause == cause), None)
    if shipment is None or shipment.shipped_at is None:
        return None
    own = {line.pk: line for line in order.lines.all()}
    return {
        "order": order.number,
        "shipment": shipment.number,
        "shipped_at": shipment.shipped_at.isoformat(),
        "lines": [
            {"line": part.line_id, "sku": own[part.line_id].sku, "quantity": part.quantity}
            for part in shipment.lines.all()
        ],
    }


def _address(order: Order) -> dict[str, str]:
    found = next((one for one in order.addresses.all() if one.kind == OrderAddress.Kind.SHIPPING), None)
    if found is None:
        return {}
    return {name: str(value) for name, value in model_to_dict(found, fields=ADDRESS_FIELDS).items()}
