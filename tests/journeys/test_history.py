"""An order's whole life in the history: who changed what, and how it was at each moment."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory, client_for
from audit.doctor import examine
from orders.services import cancel_order, change_address, pack_shipment, ship_shipment
from orders.tests.factories import ADDRESS, TESTS, buyable, paid, pay, place, shipped
from payments.services import record_manual_payment

pytestmark = pytest.mark.django_db


def as_of(number: str, at: datetime) -> dict[str, Any]:
    client = client_for(UserFactory(admin=True))
    response = client.get(f"/api/v1/audit/orders/{number}/as-of", {"at": at.isoformat()})
    assert response.status_code == 200, response.json()
    body: dict[str, Any] = response.json()
    return body


def changes_of(object_type: str, object_id: str, **asked: str) -> list[dict[str, Any]]:
    client = client_for(UserFactory(admin=True))
    response = client.get("/api/v1/audit", {"object_type": object_type, "object_id": object_id, **asked})
    assert response.status_code == 200, response.json()
    results: list[dict[str, Any]] = response.json()["results"]
    return results


def test_an_order_is_shown_as_it_was_at_each_moment() -> None:
    buyable("MUG", price="10.00")
    order = place(("MUG", 3))
    placed = timezone.now()
    pay(order)
    cancel_order(order_id=order.pk, reason="changed_mind", lines={order.lines.get().pk: 1}, by=TESTS)
    now = timezone.now()

    then, after = as_of(order.number, placed), as_of(order.number, now)
    assert (then["number"], then["status"], then["payment_status"], then["captured_total"]) == (
        order.number,
        "pending",
        "unpaid",
        "0.00",
    )
    assert [(line["sku"], line["quantity"], line["cancelled"]) for line in then["lines"]] == [("MUG", 3, 0)]
    assert after["status"] == "paid"
    assert [(line["quantity"], line["cancelled"], line["product"]) for line in after["lines"]] == [(3, 1, "MUG")]
    assert after["total"] == then["total"]


def test_an_address_that_was_changed_is_still_there_in_the_past() -> None:
    buyable("MUG")
    order = place()
    placed = timezone.now()
    change_address(order_id=order.pk, address=ADDRESS | {"city": "Hamburg"}, by=TESTS)
    assert {row["city"] for row in as_of(order.number, placed)["addresses"]} == {"Berlin"}
    assert "Hamburg" in {row["city"] for row in as_of(order.number, timezone.now())["addresses"]}


def test_packages_appear_when_they_were_packed() -> None:
    buyable("MUG")
    order = paid()
    before = timezone.now()
    assert as_of(order.number, before)["shipments"] == []
    sent = shipped()
    assert [row["status"] for row in as_of(sent.number, timezone.now())["shipments"]] == ["shipped"]


def test_before_it_was_placed_there_was_no_order() -> None:
    buyable("MUG")
    before = timezone.now()
    order = place()
    client = client_for(UserFactory(admin=True))
    address = f"/api/v1/audit/orders/{order.number}/as-of"
    assert client.get(address, {"at": before.isoformat()}).status_code == 404


def test_the_status_of_an_order_is_found_by_its_number_and_its_field() -> None:
    buyable("MUG")
    order = shipped()
    moves = [
        (change["old"], change["new"])
        for row in changes_of("order", order.number, field="status")
        for change in row["changes"]
        if change["field"] == "status"
    ]
    assert moves == [("packed", "shipped"), ("paid", "packed"), ("pending", "paid"), (None, "pending")]


def test_stock_that_moved_by_plain_updates_is_in_the_history_too() -> None:
    buyable("MUG", quantity=10)
    shipped(("MUG", 3))
    client = client_for(UserFactory(admin=True))
    rows = client.get("/api/v1/audit", {"object_type": "stock_level", "field": "on_hand"}).json()["results"]
    found = [(c["old"], c["new"]) for row in rows for c in row["changes"] if c["field"] == "on_hand"]
    assert found[0] == (10, 7)
    assert {row["actor"] for row in rows[:1]} == {str(TESTS)}


def test_the_doctor_finds_nothing_after_a_life_of_an_order() -> None:
    buyable("MUG")
    order = place()
    record_manual_payment(order_id=order.pk, amount=order.total, by=TESTS)
    package = pack_shipment(order_id=order.pk, by=TESTS)
    ship_shipment(shipment_id=package.pk, carrier="DHL", tracking_number="T1", by=TESTS)
    assert [finding.invariant.name for finding in examine(calm=False)] == []
