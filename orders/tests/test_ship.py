import pytest

from inventory.models import StockLevel, StockMovement
from inventory.tests.checks import refused
from inventory.tests.factories import WarehouseFactory, stock
from kernel.errors import NotAllowedNow, NotFound
from orders.errors import OnHold, TooMany
from orders.models import Order, Shipment
from orders.services import cancel_shipment, deliver_shipment, pack_shipment, place_hold, ship_shipment
from orders.tests.factories import TESTS, buyable, delivered, fresh, paid, place, shipped

pytestmark = pytest.mark.django_db


def pack(order: Order, **kwargs: object) -> Shipment:
    return pack_shipment(order_id=order.pk, by=TESTS, **kwargs)


def counters() -> tuple[int, int]:
    level = StockLevel.objects.get()
    return level.on_hand, level.reserved


def test_packs_all_that_is_open() -> None:
    buyable("MUG", quantity=5)
    order = paid(("MUG", 3))
    package = pack(order)
    assert (package.number, package.status) == (f"{order.number}-1", "packed")
    assert package.lines.get().quantity == 3
    order = fresh(order)
    assert (order.status, order.fulfillment_status) == ("packed", "packed")
    assert counters() == (5, 3)


def test_ships_in_parts() -> None:
    buyable("MUG", quantity=5)
    order = paid(("MUG", 3))
    line = order.lines.get()
    first = pack(order, lines={line.pk: 1})
    ship_shipment(shipment_id=first.pk, carrier="DHL", tracking_number="T-1", by=TESTS)
    assert (fresh(order).status, fresh(order).fulfillment_status) == ("paid", "partially_shipped")
    assert counters() == (4, 2)
    second = pack(order)
    assert second.lines.get().quantity == 2
    ship_shipment(shipment_id=second.pk, by=TESTS)
    assert (fresh(order).status, counters()) == ("shipped", (2, 0))
    causes = list(StockMovement.objects.filter(kind="shipped").order_by("id").values_list("delta", "cause"))
    assert causes == [(-1, f"shipment:{first.number}"), (-2, f"shipment:{second.number}")]


def test_delivers_package_by_package() -> None:
    buyable("MUG", quantity=5)
    order = paid(("MUG", 2))
    line = order.lines.get()
    packages = [pack(order, lines={line.pk: 1}), pack(order, lines={line.pk: 1})]
    for package in packages:
        ship_shipment(shipment_id=package.pk, by=TESTS)
    deliver_shipment(shipment_id=packages[0].pk, by=TESTS)
    assert (fresh(order).status, fresh(order).fulfillment_status) == ("shipped", "partially_delivered")
    assert fresh(order).delivered_at is None
    deliver_shipment(shipment_id=packages[1].pk, by=TESTS)
    assert fresh(order).status == "delivered"
    assert fresh(order).delivered_at is not None


def test_nothing_is_packed_before_it_is_paid() -> None:
    buyable()
    order = place()
    with refused(NotAllowedNow) as refusal:
        pack(order)
    assert "pay" in refusal.value.extra["available_actions"]
    assert not Shipment.objects.exists()


def test_a_hold_blocks_packing_and_shipping() -> None:
    buyable("MUG", quantity=5)
    order = paid(("MUG", 2))
    line = order.lines.get()
    package = pack(order, lines={line.pk: 1})
    place_hold(order_id=order.pk, kind="fraud", by=TESTS)
    with refused(OnHold):
        pack(order)
    with refused(OnHold):
        ship_shipment(shipment_id=package.pk, by=TESTS)
    assert counters() == (5, 2)


def test_no_more_than_is_open_can_be_packed() -> None:
    buyable("MUG", quantity=5)
    order = paid(("MUG", 2))
    line = order.lines.get()
    with refused(TooMany) as refusal:
        pack(order, lines={line.pk: 3})
    assert refusal.value.problems[0].detail == "MUG: at most 2 units."
    pack(order)
    with refused(NotAllowedNow):
        pack(order)
    assert Shipment.objects.count() == 1


def test_another_orders_line_cannot_be_packed() -> None:
    buyable("MUG", quantity=5)
    order, other = paid(), paid()
    with refused(NotFound):
        pack(order, lines={other.lines.get().pk: 1})
    assert not Shipment.objects.exists()


@pytest.mark.parametrize("stage", [shipped, delivered])
def test_what_has_left_cannot_leave_again(stage) -> None:
    buyable("MUG", quantity=5)
    order = stage(("MUG", 1))
    package = order.shipments.get()
    with refused(NotAllowedNow):
        ship_shipment(shipment_id=package.pk, by=TESTS)
    with refused(NotAllowedNow):
        cancel_shipment(shipment_id=package.pk, by=TESTS)
    assert counters() == (4, 0)


def test_an_unpacked_package_gives_its_units_back_to_the_order() -> None:
    buyable("MUG", quantity=5)
    order = paid(("MUG", 2))
    cancel_shipment(shipment_id=pack(order).pk, by=TESTS)
    assert (fresh(order).status, fresh(order).fulfillment_status) == ("paid", "unfulfilled")
    assert counters() == (5, 2)
    assert pack(order).number == f"{order.number}-2"


def test_a_package_comes_from_one_warehouse() -> None:
    near, far = WarehouseFactory(code="NEAR", priority=1), WarehouseFactory(code="FAR", priority=2)
    buyable("MUG", quantity=2, warehouse=near)
    stock("MUG", 5, warehouse=far)
    buyable("TEA", quantity=1, warehouse=near)
    order = paid(("MUG", 3), ("TEA", 1))
    first = pack(order)
    second = pack(order)
    assert {first.warehouse.code, second.warehouse.code} == {"NEAR", "FAR"}
    assert fresh(order).status == "packed"
    with refused(NotAllowedNow):
        pack(order, warehouse="NEAR")


def test_an_unknown_warehouse_is_named() -> None:
    buyable()
    with refused(NotFound) as refusal:
        pack(paid(), warehouse="MOON")
    assert refusal.value.problems[0].field == "warehouse"
