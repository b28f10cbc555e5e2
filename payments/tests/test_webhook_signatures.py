"""Who speaks is said by the signature over the raw body; nothing else of an unsigned event is looked at."""

from typing import Any

import pytest
from django.test import Client

from api.webhooks import MAX_BYTES
from payments.gateways.registry import gateway_of
from payments.models import WebhookEvent
from payments.tests.stripe_shop import OTHER_SECRET, SECRET, event, signature, with_stripe

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/webhooks/stripe"


@pytest.fixture(autouse=True)
def stripe(settings: Any) -> Any:
    yield with_stripe(settings)
    gateway_of.cache_clear()


def send(client: Client, body: bytes, header: str | None, **headers: str) -> Any:
    signed = {} if header is None else {"Stripe-Signature": header}
    return client.post(ADDRESS, data=body, content_type="application/json", headers=signed | headers)


def kept() -> list[tuple[str, ...]]:
    fields = ("provider", "event_id", "type", "payment_reference", "object_id", "state")
    return list(WebhookEvent.objects.order_by("pk").values_list(*fields))


def test_a_signed_event_is_kept_with_the_ids_it_names(client: Client) -> None:
    body = event()
    answer = send(client, body, signature(body))
    assert (answer.status_code, answer.content) == (204, b"")
    assert kept() == [("stripe", "evt_1", "payment_intent.succeeded", "pi_1", "pi_1", "received")]


def test_an_event_sent_again_is_acknowledged_and_kept_once(client: Client) -> None:
    body = event()
    assert [send(client, body, signature(body, age=age)).status_code for age in (9, 5, 0)] == [204, 204, 204]
    assert len(kept()) == 1


@pytest.mark.parametrize("secret", [SECRET, OTHER_SECRET])
def test_either_secret_signs_while_one_is_rotated(client: Client, settings: Any, secret: str) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = [OTHER_SECRET, SECRET]
    body = event()
    assert send(client, body, signature(body, secret=secret)).status_code == 204


def test_one_of_several_signatures_is_enough(client: Client) -> None:
    body = event()
    both = f"{signature(body, secret='whsec_of_somebody')},{signature(body).partition(',')[2]}"
    assert send(client, body, both).status_code == 204


@pytest.mark.parametrize(
    "header",
    [None, "", "t=,v1=", "t=now,v1=00", "v1=00", "t=1", ",,,=", "t=1,v1=é", f"t={'9' * 400},v1=00"],
    ids=["none", "empty", "hollow", "wordy", "timeless", "unsigned", "commas", "accented", "endless"],
)
def test_what_is_not_signed_is_refused_and_not_kept(client: Client, header: str | None) -> None:
    answer = send(client, event(), header)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "invalid_signature"
    assert kept() == []


@pytest.mark.parametrize(
    "how", [{"secret": OTHER_SECRET}, {"age": 301}, {"scheme": "v0"}], ids=["a stranger's", "too old", "of tests"]
)
def test_what_is_signed_otherwise_is_refused_and_not_kept(client: Client, how: dict[str, Any]) -> None:
    assert send(client, event(), signature(event(), **how)).status_code == 400
    assert send(client, event(), signature(event(event_id="evt_2"))).status_code == 400
    assert kept() == []


def test_the_signature_is_over_the_bytes_as_they_came(client: Client) -> None:
    body = event().replace(b": ", b" :  ")
    assert send(client, body, signature(event())).status_code == 400
    assert send(client, body, signature(body)).status_code == 204


def test_the_tolerance_is_a_setting(client: Client, settings: Any) -> None:
    settings.STRIPE_WEBHOOK_TOLERANCE_SECONDS = 10
    body = event()
    assert send(client, body, signature(body, age=11)).status_code == 400
    assert send(client, body, signature(body, age=5)).status_code == 204


def test_without_a_secret_nobody_is_believed(client: Client, settings: Any) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = [""]
    assert send(client, event(), signature(event(), secret="")).status_code == 400


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"type": "charge.refunded"}'],
    ids=["empty", "null", "a list", "cut", "no text", "empty event"],
)
def test_signed_nonsense_is_refused(client: Client, body: bytes) -> None:
    answer = send(client, body, signature(body))
    assert (answer.status_code, answer.json()["code"], kept()) == (400, "invalid_signature", [])


@pytest.mark.parametrize(
    ("name", "about"),
    [
        ("customer.created", {"id": "cus_1", "object": "customer"}),
        ("charge.updated", {"id": "ch_1", "object": "charge", "payment_intent": "pi_1"}),
        ("payment_intent.created", {"id": "pi_1", "object": "payment_intent"}),
        ("charge.succeeded", {"id": "ch_1", "object": "charge", "payment_intent": None}),
    ],
)
def test_what_nobody_needs_is_acknowledged_and_forgotten(client: Client, name: str, about: dict[str, Any]) -> None:
    body = event(name, about=about)
    assert send(client, body, signature(body)).status_code == 204
    assert kept() == []


@pytest.mark.parametrize(
    ("name", "object_id"),
    [("charge.refunded", "ch_1"), ("refund.updated", "re_1"), ("charge.dispute.created", "du_1")],
)
def test_events_of_charges_refunds_and_disputes_name_their_payment(client: Client, name: str, object_id: str) -> None:
    body = event(name, about={"id": object_id, "object": "other", "payment_intent": "pi_7"})
    send(client, body, signature(body))
    assert kept() == [("stripe", "evt_1", name, "pi_7", object_id, "received")]


def test_who_calls_and_what_they_would_like_to_read_does_not_matter(client: Client) -> None:
    headers = {"Authorization": "Bearer nobody", "Accept": "application/xml", "Idempotency-Key": "k" * 20}
    body, other = event(), event(event_id="evt_2")
    assert send(client, body, signature(body), **headers).status_code == 204
    assert send(client, other, signature(other), **headers).status_code == 204
    assert len(kept()) == 2


def test_a_provider_without_keys_has_no_address(client: Client) -> None:
    answer = client.post("/api/v1/webhooks/paypal", data=b"{}", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_too_large_an_event_is_refused_unread(client: Client) -> None:
    body = event() + b" " * MAX_BYTES
    answer = send(client, body, signature(body))
    assert (answer.status_code, answer.json()["code"], kept()) == (413, "too_large", [])


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, event(event_id="evt\x00"), event(event_id="e" * 300), event(about={"id": [], "object": "charge"})],
    ids=["deep", "null", "long", "no id"],
)
def test_a_signed_body_that_cannot_be_kept_is_refused(client: Client, body: bytes) -> None:
    assert send(client, body, signature(body)).status_code in {204, 400}
    assert kept() == []
