import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError

from audit.models import LogEntry
from inventory.errors import NotOnHand
from inventory.models import MAX_ON_HAND, Shortfall, StockLevel, StockMovement
from inventory.services import Want, adjust_stock, receive_stock, release, reserve
from inventory.tests.checks import broken_rules, counters, moves, open_shortfalls, refused, unhealthy_history
from inventory.tests.factories import TESTS, StockItemFactory, WarehouseFactory, stock
from kernel.errors import Invalid

pytestmark = pytest.mark.django_db


def adjust(level, reason="correction", **amount):
    return adjust_stock(sku=level.item.sku, warehouse_code=level.warehouse.code, reason=reason, by=TESTS, **amount)


@pytest.mark.parametrize(
    ("reason", "amount", "after", "kind"),
    [
        ("damage", {"delta": -3}, 7, "adjusted"),
        ("loss", {"on_hand": 0}, 0, "adjusted"),
        ("correction", {"delta": 5}, 15, "adjusted"),
        ("count", {"on_hand": 12}, 12, "adjusted"),
        ("count", {"on_hand": 10}, 10, "adjusted"),
        ("received", {"delta": 1}, 11, "received"),
    ],
)
def test_moves_the_books_with_a_movement(reason, amount, after, kind):
    level = stock("A", 10)
    movement = adjust(level, reason, **amount)
    assert counters(level) == (after, 0)
    assert moves() == [(kind, after - 10, after)]
    assert (movement.reason, movement.actor, movement.level.on_hand) == (reason, "system:tests", after)
    assert LogEntry.objects.latest("id").payload == {"level_id": level.pk, "movement_id": movement.pk}
    assert not broken_rules()


@pytest.mark.parametrize(
    ("reason", "amount", "field"),
    [
        ("correction", {}, "delta"),
        ("correction", {"delta": 1, "on_hand": 1}, "delta"),
        ("correction", {"delta": 0}, "delta"),
        ("damage", {"delta": 1}, "delta"),
        ("loss", {"on_hand": 11}, "on_hand"),
        ("received", {"delta": -1}, "delta"),
        ("count", {"on_hand": -1}, "on_hand"),
        ("count", {"on_hand": MAX_ON_HAND + 1}, "on_hand"),
        ("theft", {"delta": -1}, "reason"),
    ],
)
def test_refuses_what_makes_no_sense_and_touches_nothing(reason, amount, field):
    level = stock("A", 10)
    with refused(Invalid) as refusal:
        adjust(level, reason, **amount)
    assert [problem.field for problem in refusal.value.problems] == [field]
    assert (counters(level), moves()) == ((10, 0), [])


@pytest.mark.parametrize(("sku", "code", "field"), [("NOPE", "W", "sku"), ("A", "NOPE", "warehouse")])
def test_refuses_an_unknown_item_or_warehouse(sku, code, field):
    stock("A", 1, warehouse=WarehouseFactory(code="W"))
    with refused(Invalid) as refusal:
        adjust_stock(sku=sku, warehouse_code=code, delta=1, reason="correction", by=TESTS)
    assert [problem.field for problem in refusal.value.problems] == [field]
    assert moves() == []


def test_refuses_to_take_more_than_lies_there():
    level = stock("A", 10)
    with refused(NotOnHand):
        adjust(level, delta=-11)
    assert (counters(level), moves()) == ((10, 0), [])


def test_refuses_more_than_fits_in_the_books():
    level = stock("A", MAX_ON_HAND)
    with refused(Invalid):
        receive_stock(sku="A", warehouse_code=level.warehouse.code, quantity=1, cause="po:1", by=TESTS)
    assert counters(level) == (MAX_ON_HAND, 0)


def test_receiving_makes_the_level_on_first_sight():
    item, warehouse = StockItemFactory(), WarehouseFactory()
    movement = receive_stock(sku=item.sku, warehouse_code=warehouse.code, quantity=4, cause="po:1", by=TESTS)
    assert (movement.kind, movement.reason, movement.cause) == ("received", "received", "po:1")
    assert StockLevel.objects.get(item=item, warehouse=warehouse).available == 4


def test_finding_less_than_is_promised_opens_a_shortfall_that_follows_and_closes():
    level = stock("A", 10)
    reserve(order_id=7, wants=[Want(71, "A", 8)], expires_at=None)
    adjust(level, "count", on_hand=5)
    assert open_shortfalls() == {level.pk: 3}
    adjust(level, "damage", delta=-1)
    assert open_shortfalls() == {level.pk: 4}
    release(order_id=7, quantities={71: 3})
    assert open_shortfalls() == {level.pk: 1}
    adjust(level, "received", delta=1)
    assert open_shortfalls() == {}
    assert [row.quantity for row in Shortfall.objects.all()] == [1]
    told = LogEntry.objects.filter(name__startswith="Shortfall").order_by("id").values_list("name", "actor")
    assert list(told) == [
        ("ShortfallOpened", "system:tests"),
        ("ShortfallChanged", "system:tests"),
        ("ShortfallChanged", "system:tests"),
        ("ShortfallClosed", "system:tests"),
    ]
    assert not broken_rules()
    assert not unhealthy_history()


def test_a_shortfall_can_open_again():
    level = stock("A", 2)
    reserve(order_id=7, wants=[Want(71, "A", 2)], expires_at=None)
    adjust(level, "loss", delta=-1)
    adjust(level, "received", delta=1)
    adjust(level, "loss", delta=-2)
    assert open_shortfalls() == {level.pk: 2}
    assert Shortfall.objects.count() == 2


def test_the_ledger_cannot_be_rewritten():
    level = stock("A", 10)
    for change in (lambda rows: rows.update(delta=1), lambda rows: rows._raw_delete("default")):
        with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
            change(StockMovement.objects.filter(level=level))
    assert StockMovement.objects.get().delta == 10


def test_plain_sql_leaves_its_history_too():
    level = stock("A", 10)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_stocklevel SET safety = 2 WHERE id = %s", [level.pk])
    assert [row.safety for row in level.history.order_by("history_id")] == [0, 0, 2]
    assert not unhealthy_history()
