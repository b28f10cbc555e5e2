"""What waits for a person of what a WMS told and was asked."""

import pytest

from audit.exceptions.models import ExceptionCase
from audit.exceptions.sweep import sweep
from inventory.services import Want, reserve
from inventory.tests.factories import TESTS, WarehouseFactory, stock
from inventory.wms import inbox, push
from inventory.wms.models import WmsEvent, WmsRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    found = WarehouseFactory(code="MAIN")
    stock("MUG", 9, warehouse=found)
    reserve(order_id=7, wants=[Want(1, "MUG", 1)], expires_at=None, number="W1000007")
    return found


def request(place, *, kind="fulfil", version=1, **more):
    about = {"link": "main", "warehouse": place, "order_id": 7, "kind": kind, "version": version}
    return WmsRequest.objects.create(**about, **more)


def opened():
    rows = ExceptionCase.objects.filter(resolved_at=None).order_by("id")
    return [(row.kind, row.label, row.detail, row.warehouses) for row in rows]


def test_a_parked_event_waits_until_it_is_replayed():
    about = {"link": "main", "type": "shipment", "subject": "W1000007", "content": {}}
    event = WmsEvent.objects.create(**about, event_id="e1", state="parked", last_error="MUG: at most 2 units.")
    WmsEvent.objects.create(**about, event_id="e2")
    assert (sweep(by=TESTS).opened, sweep(by=TESTS).opened) == (1, 0)
    assert opened() == [("failing_webhook", "main shipment W1000007", "MUG: at most 2 units.", [])]
    inbox.replay(event_id=event.pk, by=TESTS)
    assert (sweep(by=TESTS).closed, opened()) == (1, [])


def test_a_refused_request_waits_in_its_warehouse_until_it_is_sent_again(place):
    refused = request(place, state="refused", last_error="unknown_sku")
    request(place, version=2, kind="shipped", cause="shipment:1")
    sweep(by=TESTS)
    assert opened() == [("failing_webhook", "main fulfil W1000007", "unknown_sku", ["MAIN"])]
    push.resend(request_id=refused.pk, by=TESTS)
    assert (sweep(by=TESTS).closed, opened()) == (1, [])


def test_a_refused_request_that_cannot_be_sent_again_waits_for_nobody(place):
    request(place, state="refused")
    sweep(by=TESTS)
    request(place, version=2, kind="cancel")
    assert (sweep(by=TESTS).closed, opened()) == (1, [])


def test_a_refused_word_of_what_our_people_shipped_waits_whatever_follows(place):
    request(place, kind="shipped", cause="shipment:1", state="refused")
    request(place, version=2)
    assert (sweep(by=TESTS).opened, [label for _, label, *_ in opened()]) == (1, ["main shipped W1000007"])
