"""Packages that their carrier does not find."""

import pytest
from django.urls import reverse

from accounts.tests.factories import PartnerFactory, UserFactory, client_for, partner_client
from audit.doctor import check
from audit.exceptions.models import ExceptionCase
from audit.exceptions.sweep import sweep
from audit.models import LogEntry
from inventory.models import StockLevel
from inventory.tests.checks import refused
from inventory.tests.factories import WarehouseFactory
from kernel.errors import NotAllowedNow
from orders.events import CarrierException
from orders.exceptions.handlers import raise_carrier_exception
from orders.invariants import INVARIANTS
from orders.models import Order, OrderTransition, Shipment
from orders.services import (
    cancel_shipment,
    deliver_all,
    deliver_shipment,
    lose_shipment,
    pack_shipment,
    return_to_sender,
)
from orders.tests.back_office import do, look, page_url
from orders.tests.back_office import staff as browser
from orders.tests.factories import TESTS, buyable, delivered, fresh, paid, shipped
from orders.tests.http import post, staff
from orders.tests.test_exceptions import long_ago, opened

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mugs() -> None:
    buyable("MUG", quantity=10)


def lost(*lines: tuple[str, int]) -> Order:
    order = shipped(*lines)
    lose_shipment(shipment_id=order.shipments.get().pk, note="Searched for in vain", by=TESTS)
    return fresh(order)


def broken() -> list[str]:
    return [rule.name for rule in INVARIANTS if check(rule)]


def test_a_lost_package_stays_shipped_and_says_why() -> None:
    order = shipped(("MUG", 2))
    lose_shipment(shipment_id=order.shipments.get().pk, note="Searched for in vain", by=TESTS)
    after, step = fresh(order), OrderTransition.objects.latest("id")
    assert (after.status, after.version, after.shipments.get().status) == ("shipped", order.version + 1, "lost")
    assert (step.verb, step.reason, step.version) == ("lose_shipment", "Searched for in vain", after.version)
    assert LogEntry.objects.latest("sequence").name == "ShipmentLost"
    assert (after.lines.get().shipped, StockLevel.objects.get().on_hand) == (2, 8)
    assert broken() == []


@pytest.mark.parametrize("stage", ["packed", "cancelled", "delivered", "lost"])
def test_only_what_is_on_its_way_can_be_lost(stage: str) -> None:
    if stage in {"packed", "cancelled"}:
        order = paid()
        package = pack_shipment(order_id=order.pk, by=TESTS)
        if stage == "cancelled":
            cancel_shipment(shipment_id=package.pk, by=TESTS)
    else:
        order = {"delivered": delivered, "lost": lost}[stage]()
    version = fresh(order).version
    with refused(NotAllowedNow):
        lose_shipment(shipment_id=order.shipments.get().pk, by=TESTS)
    assert (fresh(order).version, order.shipments.get().status) == (version, stage)


def test_what_turns_up_is_delivered_and_not_by_a_sweep_of_all() -> None:
    order = lost()
    with refused(NotAllowedNow):
        deliver_all(order_id=order.pk, by=TESTS)
    assert fresh(order).shipments.get().status == "lost"
    deliver_shipment(shipment_id=order.shipments.get().pk, by=TESTS)
    after = fresh(order)
    assert (after.status, after.shipments.get().status, after.delivered_at is None) == ("delivered", "delivered", False)
    assert broken() == []


def in_trouble(order: Order) -> Shipment:
    """Its package, which the carrier brings back."""
    order.shipments.update(carrier_status="returned_to_sender")
    package = order.shipments.get()
    raise_carrier_exception(CarrierException(order_id=order.pk, version=order.version, shipment_id=package.pk))
    return package


def test_what_is_awaited_is_no_trouble_of_the_carrier_any_more() -> None:
    package = in_trouble(shipped())
    assert opened() == [("carrier_exception", package.number)]
    return_to_sender(shipment_id=package.pk, by=TESTS)
    sweep(by=TESTS)
    assert opened() == []


def test_nobody_waits_for_the_carrier_any_more() -> None:
    order = shipped()
    package = in_trouble(order)
    long_ago(order)
    sweep(by=TESTS)
    assert opened() == [("carrier_exception", package.number), ("stuck", order.number)]
    lose_shipment(shipment_id=package.pk, by=TESTS)
    rule = next(rule for rule in INVARIANTS if rule.name == "orders.limits")
    long_ago(order)
    sweep(by=TESTS)
    assert (opened(), check(rule)) == ([], None)


@pytest.mark.parametrize(
    ("role", "status"), [("warehouse", 200), ("customer_service", 200), ("admin", 200), ("customer", 403)]
)
def test_staff_say_over_the_api_that_it_is_lost(role: str, status: int) -> None:
    package = shipped().shipments.get()
    answer = post(staff(role), f"shipments/{package.number}/lose", {"note": "Gone"})
    package.refresh_from_db()
    assert (answer.status_code, package.status) == (status, "lost" if status == 200 else "shipped")


def test_neither_a_partner_nor_another_warehouse_gives_a_package_up() -> None:
    package = shipped().shipments.get()
    elsewhere = UserFactory(role="warehouse", warehouses=[WarehouseFactory.create().code])
    partner = partner_client(PartnerFactory(), scopes=["fulfilment:write", "orders:write"])
    answers = [post(client, f"shipments/{package.number}/lose", {}) for client in (client_for(elsewhere), partner)]
    package.refresh_from_db()
    assert ([answer.status_code for answer in answers], package.status) == ([404, 403], "shipped")


def test_a_key_is_needed_and_counts_once() -> None:
    package, warehouse = shipped().shipments.get(), staff("warehouse")
    path = f"shipments/{package.number}/lose"
    assert post(warehouse, path, {}, idempotency_key="").status_code == 400
    assert [post(warehouse, path, {}, idempotency_key="k").status_code for _ in range(2)] == [200, 200]
    assert OrderTransition.objects.filter(verb="lose_shipment").count() == 1


def test_it_is_marked_on_the_page_of_the_order_and_may_still_arrive() -> None:
    order, client = shipped(), browser("customer_service")
    (card,) = client.get(page_url(order)).context["packages"]
    assert [button.verb.action for button in card.buttons] == ["lose_shipment"]
    package = Shipment.objects.get()
    assert "Lost" in look(client, order, "lose_shipment", package=package.pk, note="Gone").content.decode()
    do(client, order, "lose_shipment", package=package.pk, note="Gone")
    warehouse = browser("warehouse")
    page = warehouse.get(page_url(order)).context
    assert [button.verb.action for button in page["packages"][0].buttons] == ["deliver_lost", "return_to_sender"]
    assert page["big"] is None
    do(warehouse, order, "deliver_lost", package=package.pk)
    assert fresh(order).status == "delivered"


def test_the_advice_names_the_verb() -> None:
    in_trouble(shipped())
    case = ExceptionCase.objects.get()
    url = reverse("admin:audit_exceptioncase_change", args=(case.pk,))
    assert "press Came back; when nobody finds it, Mark as lost" in browser("warehouse").get(url).content.decode()
