import pytest

from audit.models import LogEntry
from inventory.errors import InsufficientStock
from inventory.models import StockLevel, StockMovement
from inventory.services import Want, reserve, transfer_stock
from inventory.tests.checks import broken_rules, counters, moves, refused
from inventory.tests.factories import TESTS, WarehouseFactory, stock
from kernel.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def level():
    return stock("A", 10, warehouse=WarehouseFactory(code="FROM"))


@pytest.fixture
def target():
    return WarehouseFactory(code="TO")


def transfer(quantity, *, source="FROM", to="TO", sku="A"):
    return transfer_stock(sku=sku, from_code=source, to_code=to, quantity=quantity, by=TESTS)


def test_moves_units_with_two_movements_of_one_cause(level, target):
    out, into = transfer(4)
    there = StockLevel.objects.get(warehouse=target)
    assert (counters(level), counters(there)) == ((6, 0), (4, 0))
    assert moves() == [("transferred", -4, 6), ("transferred", 4, 4)]
    assert out.cause == into.cause
    assert LogEntry.objects.latest("id").payload == {"level_id": level.pk, "to_level_id": there.pk, "quantity": 4}
    assert not broken_rules()


def test_leaves_promised_units_where_they_are(level, target):
    reserve(order_id=7, wants=[Want(71, "A", 7)], expires_at=None)
    with refused(InsufficientStock) as refusal:
        transfer(4)
    assert refusal.value.extra["items"] == [{"sku": "A", "requested": 4, "available": 3}]
    assert (counters(level), moves()) == ((10, 7), [])
    transfer(3)
    assert counters(level) == (7, 7)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": 1, "to": "FROM"}, "to_warehouse"),
        ({"quantity": 1, "to": "NOPE"}, "to_warehouse"),
        ({"quantity": 1, "source": "NOPE"}, "from_warehouse"),
        ({"quantity": 1, "sku": "NOPE"}, "sku"),
    ],
)
def test_refuses_what_makes_no_sense_and_touches_nothing(level, target, given, field):
    with refused(Invalid) as refusal:
        transfer(**given)
    assert [problem.field for problem in refusal.value.problems] == [field]
    assert counters(level) == (10, 0)
    assert not StockMovement.objects.exclude(cause="tests").exists()
