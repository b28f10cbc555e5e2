"""What carriers tell: signed, kept once, in any order."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from inventory.tests.checks import refused
from kernel.errors import NotAllowedNow
from orders.models import CarrierScan, OrderTransition, Shipment
from orders.scans import inbox
from orders.scans.reading import moments_of
from orders.services import cancel_shipment, deliver_shipment, pack_shipment, ship_shipment
from orders.tests.factories import TESTS, buyable, fresh, paid, shipped

pytestmark = pytest.mark.django_db
SECRET, OLD = "a-secret-of-the-carrier", "an-older-secret-of-it"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def secrets(settings: Any) -> None:
    settings.CARRIER_WEBHOOK_SECRETS = {"dhl": [SECRET, OLD], "ups": ["another-carriers-secret"]}


def scan(status: str = "in_transit", *, event: str = "e1", hours: int = 0, tracking: str = "T1", **more: Any) -> Any:
    told = {"event_id": event, "tracking_number": tracking, "status": status, "place": "Berlin"}
    return told | {"at": (NOON + timedelta(hours=hours)).isoformat()} | more


def tell(body: Any, *, carrier: str = "dhl", secret: str = SECRET, signature: str | None = None) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    signed = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest() if signature is None else signature
    path = f"/api/v1/webhooks/carriers/{carrier}"
    return APIClient().generic("POST", path, raw, "application/json", headers={"X-Signature": signed})


def on_its_way() -> Shipment:
    buyable()
    return shipped().shipments.get()


def fate() -> list[tuple[str, str]]:
    return list(CarrierScan.objects.order_by("pk").values_list("event_id", "state"))


@pytest.mark.parametrize("secret", [SECRET, OLD])
def test_a_signed_scan_is_kept_and_shown(secret: str) -> None:
    package = on_its_way()
    assert tell(scan("out_for_delivery", more={"x": 1}), secret=secret).status_code == 204
    assert (fate(), inbox.process_due(), fate()) == ([("e1", "received")], 1, [("e1", "processed")])
    package.refresh_from_db()
    assert (package.status, package.carrier_status) == ("shipped", "out_for_delivery")
    (moment,) = moments_of(package.order)
    assert (moment.title, moment.at, moment.detail) == ("out_for_delivery", NOON, f"{package.number} · dhl · Berlin")


@pytest.mark.parametrize("signature", ["", "0" * 64, "é", "sha256=", hashlib.sha256(b"{}").hexdigest()])
def test_an_unsigned_scan_is_refused(signature: str) -> None:
    answer = tell(scan(), signature=signature.encode().decode("latin-1"))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_signature")
    assert tell(scan(), secret="another-carriers-secret").status_code == 400
    assert tell(scan(), carrier="fedex").status_code == 404
    assert not CarrierScan.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"{", b'"x"'),
        {},
        scan("lost"),
        scan(event=""),
        scan(tracking="T" * 101),
        scan(at="yesterday"),
        scan(place="a\x00b"),
    ],
)
def test_a_scan_that_says_nothing_is_refused(body: Any) -> None:
    assert tell(body).status_code == 400
    assert not CarrierScan.objects.exists()


def test_a_scan_of_the_future_is_refused_since_it_would_stay_the_last() -> None:
    package = on_its_way()
    answer = tell(scan("in_transit", at=(timezone.now() + timedelta(minutes=6)).isoformat()))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert [(found["field"], found["code"]) for found in answer.json()["errors"]] == [("at", "future")]
    assert not CarrierScan.objects.exists()
    assert tell(scan("exception", at=(timezone.now() + timedelta(minutes=4)).isoformat())).status_code == 204
    inbox.process_due()
    package.refresh_from_db()
    assert package.carrier_status == "exception"


def test_delivered_delivers_once_however_often_it_is_told() -> None:
    package = on_its_way()
    for event in ("e1", "e1", "e2"):
        assert tell(scan("delivered", event=event)).status_code == 204
    assert (inbox.process_due(), inbox.process_due()) == (2, 0)
    order = fresh(package.order)
    assert (order.status, order.shipments.get().carrier_status) == ("delivered", "delivered")
    steps = OrderTransition.objects.filter(order=order, verb="deliver")
    assert list(steps.values_list("actor", flat=True)) == ["system:carrier_dhl"]


def test_what_was_scanned_last_counts_and_not_what_arrives_last() -> None:
    package = on_its_way()
    for event, status, hours in (("c", "delivered", 9), ("a", "in_transit", 1), ("b", "exception", 5)):
        tell(scan(status, event=event, hours=hours))
        inbox.process_due()
    package.refresh_from_db()
    assert (package.status, package.carrier_status) == ("delivered", "delivered")
    assert [moment.title for moment in moments_of(package.order)] == ["delivered", "exception", "in_transit"]


def test_what_people_recorded_stays() -> None:
    package = on_its_way()
    deliver_shipment(shipment_id=package.pk, by=TESTS)
    tell(scan("delivered"))
    inbox.process_due()
    assert fate() == [("e1", "processed")]
    assert OrderTransition.objects.filter(verb="deliver").count() == 1


def test_an_unknown_number_is_tried_again_and_parked_at_last() -> None:
    tell(scan("delivered"))
    assert inbox.process_due() == 1
    waiting = CarrierScan.objects.get()
    assert (waiting.state, waiting.last_error, waiting.due_at > timezone.now()) == ("received", inbox.UNKNOWN, True)
    assert inbox.process_due() == 0
    for _ in range(inbox.ATTEMPTS_BEFORE_PARKING):
        CarrierScan.objects.update(due_at=timezone.now())
        inbox.process_due()
    assert fate() == [("e1", "parked")]
    package = on_its_way()
    inbox.replay(scan_id=waiting.pk, by=TESTS)
    inbox.process_due()
    package.refresh_from_db()
    assert (fate(), package.status) == ([("e1", "processed")], "delivered")
    with refused(NotAllowedNow):
        inbox.replay(scan_id=waiting.pk, by=TESTS)


def test_a_scan_may_come_before_our_own_word_that_it_left() -> None:
    buyable()
    package = pack_shipment(order_id=paid().pk, by=TESTS)
    tell(scan("delivered"))
    inbox.process_due()
    ship_shipment(shipment_id=package.pk, carrier="DHL", tracking_number="T1", by=TESTS)
    CarrierScan.objects.update(due_at=timezone.now())
    inbox.process_due()
    package.refresh_from_db()
    assert package.status == "delivered"


def test_another_carriers_number_and_an_unpacked_package_are_not_meant() -> None:
    package = on_its_way()
    tell(scan("delivered"), carrier="ups", secret="another-carriers-secret")
    buyable("TEA")
    unpacked = pack_shipment(order_id=paid(("TEA", 1)).pk, by=TESTS)
    cancel_shipment(shipment_id=unpacked.pk, by=TESTS)
    Shipment.objects.filter(pk=unpacked.pk).update(tracking_number="T2")
    tell(scan("delivered", event="e2", tracking="T2"))
    inbox.process_due()
    package.refresh_from_db()
    assert (package.status, {state for _, state in fate()}) == ("shipped", {"received"})


def test_packages_of_one_order_share_a_number_and_those_of_two_do_not() -> None:
    buyable(quantity=20)
    order = paid(("MUG", 2))
    line = order.lines.get().pk
    for package in [pack_shipment(order_id=order.pk, lines={line: 1}, by=TESTS) for _ in range(2)]:
        ship_shipment(shipment_id=package.pk, carrier="DHL", tracking_number="T1", by=TESTS)
    tell(scan("delivered"))
    inbox.process_due()
    assert fresh(order).status == "delivered"
    first, second = shipped(), shipped()
    tell(scan("delivered", event="e2"))
    inbox.process_due()
    assert CarrierScan.objects.get(event_id="e2").last_error == inbox.SEVERAL
    assert [fresh(found).status for found in (first, second)] == ["shipped", "shipped"]
