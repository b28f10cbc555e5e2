import pytest

from audit.models import LogEntry
from inventory.backorders.availability import supply_for
from inventory.errors import WarehouseInUse
from inventory.models import Warehouse
from inventory.services import create_warehouse, delete_warehouse, update_warehouse
from inventory.tests.checks import refused
from inventory.tests.factories import TESTS, WarehouseFactory, stock
from kernel.errors import Invalid, NotFound

pytestmark = pytest.mark.django_db


def test_opens_a_warehouse():
    warehouse = create_warehouse(code="BER", name="Berlin", priority=3, by=TESTS)
    assert (warehouse.code, warehouse.name, warehouse.active, warehouse.priority) == ("BER", "Berlin", True, 3)
    assert warehouse.history.get().actor == "system:tests"
    assert LogEntry.objects.get().name == "WarehouseCreated"


def test_a_code_is_given_once():
    WarehouseFactory(code="BER", name="First")
    with refused(Invalid) as refusal:
        create_warehouse(code="BER", name="Second", by=TESTS)
    assert refusal.value.problems[0].field == "code"
    assert Warehouse.objects.get().name == "First"


def test_an_inactive_warehouse_sells_nothing():
    warehouse = WarehouseFactory(code="BER")
    stock("A", 5, warehouse=warehouse)
    update_warehouse(code="BER", active=False, by=TESTS)
    assert supply_for(["A"])["A"].there == 0
    update_warehouse(code="BER", active=True, by=TESTS)
    assert supply_for(["A"])["A"].there == 5


def test_changing_nothing_tells_nobody():
    WarehouseFactory(code="BER", name="Berlin")
    update_warehouse(code="BER", name="Berlin", by=TESTS)
    assert not LogEntry.objects.exists()


def test_removes_only_what_never_held_anything():
    stock("A", 5, warehouse=WarehouseFactory(code="USED"))
    WarehouseFactory(code="NEW")
    with refused(WarehouseInUse):
        delete_warehouse(code="USED", by=TESTS)
    delete_warehouse(code="NEW", by=TESTS)
    assert [warehouse.code for warehouse in Warehouse.objects.all()] == ["USED"]


def test_an_unknown_warehouse_is_not_found():
    with refused(NotFound):
        update_warehouse(code="NOPE", name="x", by=TESTS)
