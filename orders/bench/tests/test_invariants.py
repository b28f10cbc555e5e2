import pytest
from django.utils import timezone

from audit.doctor import check
from inventory.models import Warehouse
from inventory.tests.factories import WarehouseFactory
from orders.bench.lists import cancel_pick_list, make_pick_list
from orders.invariants_bench import INVARIANTS
from orders.models import CarrierScan, PickTask
from orders.tests.factories import TESTS, buyable, paid, shipped

pytestmark = pytest.mark.django_db


def broken() -> list[str]:
    return [rule.name for rule in INVARIANTS if check(rule)]


def test_a_task_of_a_list_that_was_called_off_or_of_another_house_is_found() -> None:
    buyable()
    paid()
    made = make_pick_list(warehouse=Warehouse.objects.get().code, by=TESTS)
    assert broken() == []
    PickTask.objects.update(warehouse=WarehouseFactory())
    assert broken() == ["orders.pick_tasks"]
    PickTask.objects.update(warehouse=made.warehouse)
    cancel_pick_list(list_id=made.pk, by=TESTS)
    assert broken() == []
    PickTask.objects.update(closed_at=None)
    assert broken() == ["orders.pick_tasks"]


def test_a_delivery_that_was_told_and_not_recorded_is_found() -> None:
    buyable()
    package, now = shipped().shipments.get(), timezone.now()
    told = {"carrier": "dhl", "event_id": "1", "tracking_number": "T1", "at": now, "state": "processed"}
    scan = CarrierScan.objects.create(**told, status="in_transit", shipment=package, processed_at=now)
    assert broken() == []
    scan.status = "delivered"
    scan.save()
    assert broken() == ["orders.scans"]
