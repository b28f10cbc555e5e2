"""Causes in the shop and the rows that stand for them; the audit app itself knows no shop."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from audit.doctor import check
from audit.exceptions.models import ExceptionCase
from audit.exceptions.services import resolve_case
from audit.exceptions.sweep import sweep
from inventory.models import Shortfall, StockLevel
from inventory.services import adjust_stock
from inventory.tests.checks import refused
from orders.errors import OnHold
from orders.events import CarrierException, OrderPaid
from orders.exceptions.handlers import hold_when_short, raise_carrier_exception
from orders.exceptions.stock import settle_stock_holds
from orders.invariants import INVARIANTS
from orders.models import CarrierScan, Hold, Order, Shipment
from orders.scans.inbox import replay
from orders.services import deliver_shipment, pack_shipment, place_hold, release_hold
from orders.tests.factories import TESTS, buyable, paid, pay, place, shipped

pytestmark = pytest.mark.django_db


def count(sku: str, on_hand: int) -> None:
    code = StockLevel.objects.get(item__sku=sku).warehouse.code
    adjust_stock(sku=sku, warehouse_code=code, on_hand=on_hand, reason="count", by=TESTS)


def opened() -> list[tuple[str, str]]:
    """(kind, subject) of those that nobody has dealt with."""
    return list(ExceptionCase.objects.filter(resolved_at=None).order_by("kind", "label").values_list("kind", "label"))


def held() -> list[str]:
    return list(Hold.objects.filter(released_at=None).order_by("order_id").values_list("order__number", flat=True))


def make_late(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(ship_by=timezone.now() - timedelta(hours=1))


def test_a_late_order_is_opened_once_and_closes_when_it_has_left() -> None:
    buyable()
    order = paid()
    make_late(order)
    assert (sweep(by=TESTS).opened, sweep(by=TESTS).opened) == (1, 0)
    assert opened() == [("late_to_ship", order.number)]
    Order.objects.filter(pk=order.pk).update(ship_by=timezone.now() + timedelta(hours=1))
    assert sweep(by=TESTS).closed == 1
    row = ExceptionCase.objects.get()
    assert (row.resolution, row.resolved_by, row.over_at is None) == ("The cause is gone.", "system:tests", False)


def test_the_sweep_is_one_statement_however_many_there_are(django_assert_num_queries: Any) -> None:
    buyable("MUG", quantity=50)
    for _ in range(5):
        make_late(paid())
    with django_assert_num_queries(2):  # the actor, the statement
        assert sweep(by=TESTS).opened == 5


def test_what_a_person_resolved_stays_resolved_for_a_day_while_its_cause_lasts() -> None:
    buyable()
    make_late(paid())
    sweep(by=TESTS)
    case = ExceptionCase.objects.get()
    resolve_case(case_id=case.pk, note="Told the customer.", by=TESTS)
    assert (sweep(by=TESTS).opened, opened()) == (0, [])
    ExceptionCase.objects.update(resolved_at=timezone.now() - timedelta(hours=25))
    sweep(by=TESTS)
    assert sweep(by=TESTS).opened == 1
    assert [case.resolution for case in ExceptionCase.objects.order_by("id")] == ["Told the customer.", ""]


def test_a_shortfall_holds_the_newest_paid_orders_until_the_goods_are_there() -> None:
    buyable("MUG", quantity=6)
    first, second, third = paid(("MUG", 2)), paid(("MUG", 2)), paid(("MUG", 2))
    count("MUG", 3)
    assert settle_stock_holds(by=TESTS) == ([second.pk, third.pk], [])
    assert held() == [second.number, third.number]
    place_of = str(StockLevel.objects.get())
    assert opened() == [("oversold", second.number), ("oversold", third.number), ("shortfall", place_of)]
    with refused(OnHold):
        pack_shipment(order_id=third.pk, by=TESTS)
    pack_shipment(order_id=first.pk, by=TESTS)
    count("MUG", 4)
    assert settle_stock_holds(by=TESTS) == ([], [second.pk])
    count("MUG", 6)
    settle_stock_holds(by=TESTS)
    assert (held(), opened(), Shortfall.objects.filter(closed_at=None).count()) == ([], [], 0)


def test_a_stock_hold_that_a_person_has_placed_stays_theirs() -> None:
    buyable("MUG", quantity=4)
    order = paid(("MUG", 2))
    place_hold(order_id=order.pk, kind="stock", note="Broken box.", by=TESTS)
    count("MUG", 1)
    count("MUG", 4)
    assert settle_stock_holds(by=TESTS) == ([], [])
    assert held() == [order.number]


def test_an_order_paid_while_its_goods_are_missing_is_held_like_the_others() -> None:
    buyable("MUG", quantity=4)
    paid(("MUG", 2))
    waiting = place(("MUG", 2))
    count("MUG", 2)
    settle_stock_holds(by=TESTS)
    assert held() == []
    hold_when_short(OrderPaid(order_id=waiting.pk, version=pay(waiting).version))
    assert held() == [waiting.number]


def test_an_address_hold_opens_a_row_and_its_release_closes_it() -> None:
    buyable()
    order = paid()
    hold = place_hold(order_id=order.pk, kind="address", note="No house number.", by=TESTS)
    sweep(by=TESTS)
    row = ExceptionCase.objects.get()
    place_of = StockLevel.objects.get().warehouse.code
    said = (row.kind, row.label, row.detail, row.warehouses)
    assert said == ("address", order.number, "No house number.", [place_of])
    release_hold(order_id=order.pk, hold_id=hold.pk, role="admin", by=TESTS)
    assert (sweep(by=TESTS).closed, opened()) == (1, [])


def in_trouble(package: Shipment, said: str = "exception") -> None:
    """The carrier tells of trouble, and what follows is done."""
    told = {"carrier": "dhl", "event_id": str(CarrierScan.objects.count()), "tracking_number": package.tracking_number}
    CarrierScan.objects.create(
        **told, status=said, at=timezone.now(), shipment=package, state="processed", processed_at=timezone.now()
    )
    Shipment.objects.filter(pk=package.pk).update(carrier_status=said)
    order = package.order
    raise_carrier_exception(CarrierException(order_id=order.pk, version=order.version, shipment_id=package.pk))


def resolved(case: ExceptionCase, **ago: int) -> None:
    resolve_case(case_id=case.pk, note="The carrier looks for it.", by=TESTS)
    ExceptionCase.objects.filter(pk=case.pk).update(resolved_at=timezone.now() - timedelta(**ago))


def test_trouble_on_the_way_is_raised_once_and_over_when_the_package_arrives() -> None:
    buyable()
    package = shipped().shipments.get()
    in_trouble(package)
    in_trouble(package)
    assert (sweep(by=TESTS).opened, opened()) == (0, [("carrier_exception", package.number)])
    deliver_shipment(shipment_id=package.pk, by=TESTS)
    sweep(by=TESTS)
    assert opened() == []


def test_trouble_on_the_way_is_over_when_the_carrier_says_so() -> None:
    buyable()
    package = shipped().shipments.get()
    in_trouble(package)
    detail = ExceptionCase.objects.get().detail
    sweep(by=TESTS)
    assert (ExceptionCase.objects.get().detail, detail) == (detail, f"DHL {package.tracking_number}: exception")
    Shipment.objects.update(carrier_status="in_transit")
    assert (sweep(by=TESTS).closed, opened()) == (1, [])


def test_new_trouble_after_a_resolution_is_raised_at_once() -> None:
    buyable()
    package = shipped().shipments.get()
    in_trouble(package)
    resolved(ExceptionCase.objects.get(), seconds=0)
    assert (sweep(by=TESTS).opened, opened()) == (0, [])
    in_trouble(package, "returned_to_sender")
    assert opened() == [("carrier_exception", package.number)]
    assert ExceptionCase.objects.latest("id").detail.endswith("returned to sender")
    assert (sweep(by=TESTS).opened, ExceptionCase.objects.count()) == (0, 2)


def test_the_same_trouble_told_twice_does_not_undo_a_resolution() -> None:
    buyable()
    package = shipped().shipments.get()
    in_trouble(package)
    resolved(ExceptionCase.objects.get(), seconds=0)
    order = package.order
    raise_carrier_exception(CarrierException(order_id=order.pk, version=order.version, shipment_id=package.pk))
    assert opened() == []


def test_trouble_that_lasts_is_opened_again_after_a_day() -> None:
    buyable()
    package = shipped().shipments.get()
    in_trouble(package)
    resolved(ExceptionCase.objects.get(), hours=25)
    sweep(by=TESTS)
    assert (sweep(by=TESTS).opened, opened()) == (1, [("carrier_exception", package.number)])


def test_a_scan_that_nobody_is_known_for_is_for_a_person_until_it_is_tried_again() -> None:
    told = {"carrier": "dhl", "event_id": "e1", "tracking_number": "T9", "status": "delivered", "at": timezone.now()}
    scan = CarrierScan.objects.create(**told, state="parked", last_error="No package.")
    sweep(by=TESTS)
    row = ExceptionCase.objects.get()
    assert (row.kind, row.label, row.detail) == ("failing_webhook", "dhl T9", "No package.")
    replay(scan_id=scan.pk, by=TESTS)
    assert (sweep(by=TESTS).closed, opened()) == (1, [])


def test_no_order_stays_past_its_limit_without_a_row() -> None:
    buyable()
    order = paid()
    rule = next(rule for rule in INVARIANTS if rule.name == "orders.limits")
    assert check(rule) is None
    long_ago(order)
    assert check(rule) is not None
    sweep(by=TESTS)
    assert ("stuck", order.number) in opened()
    assert check(rule) is None


def long_ago(order: Order) -> None:
    """Half a year passes, also for the steps, which nobody may change otherwise."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE orders_ordertransition DISABLE TRIGGER USER")
        cursor.execute("UPDATE orders_ordertransition SET created_at = now() - interval '180 days'")
        cursor.execute("UPDATE orders_order SET created_at = now() - interval '180 days' WHERE id = %s", [order.pk])
