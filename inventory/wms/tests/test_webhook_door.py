"""Who is believed at the door, and what is kept of it."""

import json
import time

import pytest
from rest_framework.test import APIClient

from inventory.tests.checks import counters
from inventory.tests.factories import WarehouseFactory, stock
from inventory.wms import inbox
from inventory.wms.models import WmsEvent
from inventory.wms.signing import _sign
from inventory.wms.tests.links import LINK, SECRET, at

pytestmark = pytest.mark.django_db
PATH = "/api/v1/webhooks/wms"


@pytest.fixture(autouse=True)
def link(settings):
    settings.WMS_LINKS = {"main": LINK}


def counted(on_hand=9, seconds=1.0, sku="MUG"):
    item = {"sku": sku, "warehouse": "MAIN", "on_hand": on_hand, "as_of": at(seconds).isoformat()}
    return json.dumps({"type": "stock", "data": {"items": [item]}}).encode()


def send(body, *, key="tests", secret=SECRET, event="evt_1", age=0, signed=None, **headers):
    stamp = str(int(time.time()) - age)
    made = {
        "Waybill-Key-Id": key,
        "Webhook-Id": event,
        "Webhook-Timestamp": stamp,
        "Webhook-Signature": _sign(secret, event, stamp, body if signed is None else signed),
    }
    return APIClient().post(PATH, body, content_type="application/json", headers=made | headers)


def test_what_the_wms_signed_is_kept_and_taken_up():
    level = stock("MUG", 10, warehouse=WarehouseFactory(code="MAIN"))
    assert send(counted()).status_code == 204
    assert inbox.process_due() == 1
    assert counters(level) == (9, 0)
    assert WmsEvent.objects.get().state == "processed"


def test_half_a_character_is_dropped():
    level = stock("MUG", 10, warehouse=WarehouseFactory(code="MAIN"))
    assert send(counted(sku="MUG\ud800")).status_code == 204
    assert inbox.process_due() == 1
    assert counters(level) == (9, 0)


def test_an_event_that_breaks_is_put_off_and_parked_in_the_end():
    level = stock("MUG", 10, warehouse=WarehouseFactory(code="MAIN"))
    broken = WmsEvent.objects.create(link="main", event_id="evt_0", type="stock", subject="CUP", content={})
    send(counted())
    assert inbox.process_due() == 2
    broken.refresh_from_db()
    assert (broken.state, broken.attempts, broken.last_error) == ("received", 1, "KeyError: 'items'")
    assert broken.due_at > broken.received_at
    assert counters(level) == (9, 0)
    WmsEvent.objects.filter(pk=broken.pk).update(attempts=inbox.ATTEMPTS_BEFORE_PARKING - 1, due_at=broken.received_at)
    assert inbox.process_due() == 1
    broken.refresh_from_db()
    assert broken.state == "parked"


def test_the_same_event_sent_again_is_kept_once():
    for _ in range(3):
        assert send(counted()).status_code == 204
    assert WmsEvent.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "another-secret-of-the-tests-0123456789"},
        {"key": "nobody"},
        {"age": 310},
        {"age": -400},
        {"signed": b"another body"},
        {"Webhook-Id": "evt_2"},
        {"Webhook-Id": ""},
        {"Webhook-Timestamp": "1700000000"},
        {"Webhook-Timestamp": "soon"},
        {"Webhook-Signature": "v1,AAAA"},
        {"Webhook-Signature": "v1,Ünsinn"},
        {"Webhook-Signature": ""},
    ],
    ids=str,
)
def test_what_the_wms_did_not_sign_lately_is_refused_and_not_kept(wrong):
    wrong = {name: value.encode() if name == "Webhook-Signature" else value for name, value in wrong.items()}
    wrong = {
        name: value.decode("latin-1") if isinstance(value, bytes) and name != "signed" else value
        for name, value in wrong.items()
    }
    answer = send(counted(), **wrong)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_signature")
    assert not WmsEvent.objects.exists()


def test_either_secret_is_believed_while_one_is_rotated(settings):
    fresh = "the-next-secret-of-the-tests-0123456789"
    settings.WMS_LINKS = {"main": LINK | {"secrets": [fresh, SECRET]}}
    assert send(counted()).status_code == 204
    assert send(counted(), secret=fresh, event="evt_2").status_code == 204
    assert WmsEvent.objects.count() == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"type": "stock"}',
        b'{"type": "stock", "data": {"items": []}}',
        b'{"type": "stock", "data": {"items": 7}}',
        b'{"type": "shipment", "data": {}}',
        b'{"type": "shipment", "data": {"shipment": "s", "order": "W1", "warehouse": "MAIN", "shipped_at": "now"}}',
        b"[" * 100_000,
    ],
)
def test_what_is_signed_and_cannot_be_understood_is_a_400(body):
    answer = send(body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not WmsEvent.objects.exists()


def test_what_is_of_no_interest_is_acknowledged_and_not_kept():
    assert send(b'{"type": "holiday", "data": {}}').status_code == 204
    assert not WmsEvent.objects.exists()


def test_numbers_that_come_out_of_order_leave_the_newest():
    level = stock("MUG", 10, warehouse=WarehouseFactory(code="MAIN"))
    send(counted(7, seconds=9), event="evt_2")
    send(counted(9, seconds=5), event="evt_1")
    inbox.process_due()
    assert counters(level) == (7, 0)
    assert set(WmsEvent.objects.values_list("state", flat=True)) == {"processed"}
