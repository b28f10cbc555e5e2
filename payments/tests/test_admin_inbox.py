from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import UserFactory
from orders.tests.factories import buyable, place
from payments.models import Payment, WebhookEvent
from payments.services.inbox import store
from payments.states import InboxState
from payments.tests.stripe_orders import told

pytestmark = pytest.mark.django_db
EVENTS = reverse("admin:payments_webhookevent_changelist")


def desk(role: str = "customer_service") -> Client:
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def shown(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def event(reference: str = "pi_1", **fields: Any) -> WebhookEvent:
    notice = told(reference)
    store(provider="stripe", notice=notice)
    WebhookEvent.objects.filter(event_id=notice.event_id).update(**fields)
    return WebhookEvent.objects.get(event_id=notice.event_id)


def parked(reference: str = "pi_1") -> WebhookEvent:
    return event(reference, state=InboxState.PARKED, attempts=12, last_error="Declined: not_found")


def page(row: WebhookEvent, name: str = "change") -> str:
    return reverse(f"admin:payments_webhookevent_{name}", args=(row.pk,))


def test_what_waits_for_a_person_comes_first_and_what_is_done_only_when_asked_for() -> None:
    parked("pi_parked"), event("pi_waiting"), event("pi_done", state=InboxState.PROCESSED)
    body = shown(desk(), EVENTS)
    assert body.index("pi_parked") < body.index("pi_waiting")
    assert "Declined: not_found" in body
    assert "pi_done" not in body
    assert "pi_done" in shown(desk(), f"{EVENTS}?state=processed")
    assert "pi_parked" not in shown(desk(), f"{EVENTS}?state=processed")


def test_events_are_found_by_their_id_their_payment_and_its_order() -> None:
    buyable("MUG")
    order = place()
    Payment.objects.create(
        order=order, provider="stripe", amount=order.due, currency="EUR", provider_reference="pi_7", created_by="x:y"
    )
    wanted, other = event("pi_7"), event("pi_8")
    for typed in (wanted.event_id, "pi_7", order.number):
        body = shown(desk(), f"{EVENTS}?q={typed}")
        assert (page(wanted) in body, page(other) in body) == (True, False)
        assert order.number in body
    assert page(wanted) not in shown(desk(), f"{EVENTS}?q=nothing")


def test_more_events_need_no_more_statements() -> None:
    client = desk()
    event("pi_0")
    shown(client, EVENTS)
    with CaptureQueriesContext(connection) as few:
        shown(client, EVENTS)
    for number in range(10):
        parked(f"pi_{number}")
    with CaptureQueriesContext(connection) as many:
        shown(client, EVENTS)
    assert len(many) == len(few)


def test_a_parked_event_is_replayed_by_its_button() -> None:
    row, client = parked(), desk()
    address = page(row, "replay_one")
    assert address in shown(client, page(row))
    assert "asked again" in shown(client, address)
    assert client.post(address, {"_form_submitted": "true"})["HX-Redirect"] == page(row)
    row.refresh_from_db()
    assert (row.state, row.attempts) == (InboxState.RECEIVED, 0)
    assert address not in shown(client, page(row))


def test_parked_events_are_replayed_together_and_others_left_alone() -> None:
    one, two, done = parked("pi_1"), parked("pi_2"), event("pi_3", state=InboxState.PROCESSED)
    body = {"action": "replay_selected", "_selected_action": [row.pk for row in (one, two, done)]}
    answer = desk().post(f"{EVENTS}?state=all", body, follow=True).content.decode()
    assert "2 put back to work." in answer
    assert "Only a parked event can be replayed." in answer
    assert sorted(WebhookEvent.objects.values_list("state", flat=True)) == ["processed", "received", "received"]


def test_who_may_not_see_payments_sees_no_events() -> None:
    row, client = parked(), desk("warehouse")
    assert client.get(EVENTS).status_code == 403
    assert client.get(page(row)).status_code in {302, 403}
    assert client.post(page(row, "replay_one"), {"_form_submitted": "true"}).status_code in {302, 403, 404}
    row.refresh_from_db()
    assert row.state == InboxState.PARKED


def test_nobody_writes_events() -> None:
    row, client = parked(), desk("admin")
    assert client.get(reverse("admin:payments_webhookevent_add")).status_code == 403
    assert client.get(page(row, "delete")).status_code == 403
    assert 'name="_save"' not in shown(client, page(row))
