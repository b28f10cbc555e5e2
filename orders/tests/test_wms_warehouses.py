"""A WMS that keeps one of several warehouses."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from inventory.models import Reservation, Warehouse
from inventory.tests.factories import WarehouseFactory, stock
from inventory.wms.events import WmsShipmentReported
from inventory.wms.models import WmsEvent
from inventory.wms.tests.links import LINK, at
from orders.fulfilment_requests import ship_reported
from orders.models import Shipment
from orders.services import cancel_order
from orders.tests import wms
from orders.tests.factories import TESTS, buyable, fresh, paid

pytestmark = pytest.mark.django_db(transaction=True)


def handed(order, warehouse, units=1):
    """Units of an order, told to have left there."""
    lines = [{"line": order.lines.get().pk, "sku": "MUG", "quantity": units}]
    content = {"shipment": "s1", "order": order.number, "warehouse": warehouse, "carrier": "", "tracking_number": ""}
    content |= {"shipped_at": at(0).isoformat(), "lines": lines}
    return WmsEvent.objects.create(
        link="main", event_id="e1", type="shipment", subject=order.number, content=content, state="handed"
    )


def split(settings, units):
    """A shop of two warehouses, of which B has a WMS, and an order of so many."""
    settings.WMS_LINKS = {"main": {**LINK, "warehouses": {"02": "B"}}}
    buyable("MUG", quantity=3, warehouse=WarehouseFactory(code="A", priority=1))
    stock("MUG", 5, warehouse=WarehouseFactory(code="B", priority=2))
    return paid(("MUG", units))


@pytest.mark.parametrize("code", ["A", "B", "03"])
def test_a_wms_ships_out_of_its_own_warehouses_alone(settings, code):
    order = split(settings, 4)
    event = handed(order, code)
    with transaction.atomic():
        ship_reported(WmsShipmentReported(event_id=event.pk))
    event.refresh_from_db()
    assert (event.state, event.last_error) == ("parked", f"This WMS keeps no warehouse {code}.")
    assert not Shipment.objects.exists()


def test_a_wms_is_not_asked_to_call_off_what_it_has_sent_but_what_it_has_not(settings):
    order = split(settings, 7)
    wms.let_follow()
    there = Reservation.objects.get(order_id=order.pk, warehouse__code="B").quantity
    with transaction.atomic():
        ship_reported(WmsShipmentReported(event_id=handed(order, "02", there).pk))
    cancel_order(order_id=order.pk, lines={order.lines.get().pk: 1}, reason="", by=TESTS)
    wms.let_follow()
    assert wms.requests() == [("fulfil", "pending")]
    stock("MUG", 5, warehouse=Warehouse.objects.get(code="B"))
    other = paid(("MUG", 5))
    wms.let_follow()
    cancel_order(order_id=other.pk, reason="", by=TESTS)
    wms.let_follow()
    assert wms.requests()[1:] == [("fulfil", "pending"), ("cancel", "pending")]


def test_a_reported_package_locks_the_levels_of_the_whole_order_first(settings):
    order = split(settings, 7)
    event = handed(order, "02")
    with CaptureQueriesContext(connection) as seen, transaction.atomic():
        ship_reported(WmsShipmentReported(event_id=event.pk))
    locks = [query["sql"] for query in seen if "stocklevel" in query["sql"] and "FOR UPDATE" in query["sql"]]
    assert fresh(order).fulfillment_status == "partially_shipped"
    assert 'FROM "inventory_reservation"' in locks[0]
