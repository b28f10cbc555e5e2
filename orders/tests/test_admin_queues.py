from datetime import timedelta

import pytest
from django.contrib.admin import site
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.factories import UserFactory
from audit.admin import ReadOnlyAdmin
from inventory.models import StockLevel
from inventory.services import adjust_stock
from orders.back_office.queues import orders_in
from orders.models import Order
from orders.services import Wish, cancel_order, pack_shipment, place_hold, request_return, ship_shipment
from orders.tests.back_office import list_url, page_url, staff
from orders.tests.factories import TESTS, buyable, delivered, paid, place, shipped

pytestmark = pytest.mark.django_db


def rows(response) -> list[str]:
    return [order.number for order in response.context["cl"].result_list]


def test_each_queue_holds_the_orders_that_wait_for_it() -> None:
    buyable(quantity=100)
    pending, to_pack, held, packed, way, there = place(), paid(), paid(), paid(), shipped(), delivered()
    cancelled, late = place(), paid()
    place_hold(order_id=held.pk, kind="fraud", by=TESTS)
    pack_shipment(order_id=packed.pk, by=TESTS)
    cancel_order(order_id=cancelled.pk, reason="test", by=TESTS)
    Order.objects.filter(pk=late.pk).update(ship_by=timezone.now() - timedelta(hours=1))
    request_return(order_id=there.pk, wishes=[Wish(there.lines.get().pk, 1, "damaged")], by=TESTS)
    expected = {
        "to_pay": {pending}, "to_pack": {to_pack, late}, "to_ship": {packed}, "in_transit": {way},
        "delivered": {there}, "returns": {there}, "exceptions": {held, late}, "on_hold": {held}, "late": {late},
        "short": set(), "payment_failed": set(),
        "all": {pending, to_pack, held, packed, way, there, cancelled, late},
    }  # fmt: skip
    assert {key: set(orders_in(key)) for key in expected} == expected
    response = staff().get(list_url(queue="all"))
    assert {key: response.context["counts"].of[key] for key in expected} == {
        key: len(found) for key, found in expected.items()
    }


def test_an_order_is_short_while_its_shelf_has_less_than_was_promised() -> None:
    buyable(quantity=5)
    order = paid(("MUG", 3))
    level = StockLevel.objects.get()
    adjust_stock(sku="MUG", warehouse_code=level.warehouse.code, on_hand=1, reason="count", by=TESTS)
    assert list(orders_in("short")) == list(orders_in("exceptions")) == [order]


def test_the_oldest_promise_comes_first_and_what_is_late_is_marked() -> None:
    buyable()
    later, sooner = paid(), paid()
    Order.objects.filter(pk=sooner.pk).update(ship_by=timezone.now() - timedelta(hours=3))
    response = staff().get(list_url(queue="to_pack"))
    assert rows(response) == [sooner.number, later.number]
    assert response.content.decode().count("3 h late") == 1


def test_a_part_that_is_further_is_said() -> None:
    buyable()
    order = paid(("MUG", 3))
    line = order.lines.get()
    package = pack_shipment(order_id=order.pk, lines={line.pk: 1}, by=TESTS)
    assert "1 of 3 packed" in staff().get(list_url(queue="to_pack")).content.decode()
    ship_shipment(shipment_id=package.pk, by=TESTS)
    assert "1 of 3 shipped" in staff().get(list_url(queue="to_pack")).content.decode()


def test_a_list_costs_under_ten_statements_and_never_counts_the_table() -> None:
    buyable(quantity=100)
    for _ in range(8):
        paid(("MUG", 2), user=UserFactory())
    client = staff()
    for query in ({"queue": "to_pack"}, {"queue": "exceptions"}, {"queue": "all"}, {"q": "example"}):
        with CaptureQueriesContext(connection) as spent:
            assert client.get(list_url(**query)).status_code == 200
        assert len(spent) < 10, [found["sql"][:200] for found in spent]
        assert not [
            found["sql"] for found in spent if found["sql"].startswith("SELECT COUNT") and "LIMIT" not in found["sql"]
        ]


@pytest.mark.parametrize("typed", ["PO-77", "GUEST@example.com", "mug", "Example", "00340434161094042557"])
def test_one_box_finds_an_order_by_what_a_person_has_in_hand(typed: str) -> None:
    buyable()
    buyable("TEE")
    other, order = paid(("TEE", 1)), paid(("MUG", 1))
    Order.objects.filter(pk=order.pk).update(reference="PO-77")
    other.addresses.update(last_name="Somebody")
    Order.objects.filter(pk=other.pk).update(email="somebody@example.com")
    package = pack_shipment(order_id=order.pk, by=TESTS)
    ship_shipment(shipment_id=package.pk, tracking_number="00340434161094042557", by=TESTS)
    response = staff().get(list_url(q=typed, queue="to_pay"), follow=True)
    context = response.context
    assert (context["order"].number if "order" in context else rows(response)[0]) == order.number
    assert "cl" not in context or rows(response) == [order.number]


def test_a_number_that_is_scanned_opens_the_order() -> None:
    buyable()
    order = shipped()
    client = staff()
    for typed in (order.number, order.number.lower(), f"{order.number}-1", "T1"):
        assert client.get(list_url(q=typed)).url == page_url(order)


def test_nothing_is_found_by_what_nobody_has() -> None:
    buyable()
    paid()
    assert rows(staff().get(list_url(q="nobody@example.com"))) == []


@pytest.mark.parametrize(
    ("role", "verbs"),
    [
        ("admin", ["pack", "hold", "cancel"]),
        ("customer_service", ["hold", "cancel"]),
        ("warehouse", ["pack", "hold", "cancel"]),
    ],
)
def test_a_queue_offers_what_the_role_may_do(role: str, verbs: list[str]) -> None:
    buyable()
    paid()
    response = staff(role).get(list_url(queue="to_pack"))
    assert [verb.action for verb in response.context["bulk_verbs"]] == verbs


def test_strangers_stay_outside() -> None:
    assert staff("customer").get(list_url()).status_code == 302


def test_every_table_of_orders_is_there_to_look_at() -> None:
    buyable()
    delivered(user=UserFactory())
    client = staff()
    pages = {model: page for model, page in site._registry.items() if model._meta.app_label == "orders"}
    tables = [model for model, page in pages.items() if isinstance(page, ReadOnlyAdmin) or model is Order]
    assert len(tables) == 14
    for model in tables:
        url = f"/admin/orders/{model._meta.model_name}/"
        response = client.get(f"{url}?q=x")
        assert response.status_code == 200, model
        assert not site._registry[model].has_change_permission(response.wsgi_request)
        row = model._default_manager.first()
        if row is not None:
            assert client.get(f"{url}{row.pk}/change/").status_code == 200, model
