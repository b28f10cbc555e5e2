"""The queue over HTTP: who sees what, and what may be done with it once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from rest_framework.test import APIClient

from api.actors import Actor
from audit.exceptions.models import ExceptionCase
from audit.exceptions.services import Subject, raise_case

pytestmark = pytest.mark.django_db
TESTS = Actor.system("tests")
User: Any = get_user_model()
API = "/api/v1/exceptions"


def case(kind: str, number: str = "1", *warehouses: str) -> ExceptionCase:
    return raise_case(kind=kind, subject=Subject("orders.order", number, f"W{number}", warehouses), by=TESTS)


def person(role: str, email: str = "") -> Any:
    return User.objects.create(email=email or f"{role}@example.com", role=role)


def caller(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def kinds(client: APIClient, query: str = "") -> list[str]:
    answer = client.get(f"{API}{query}")
    assert answer.status_code == 200, answer.content
    return [row["kind"] for row in answer.json()["results"]]


def send(client: APIClient, found: ExceptionCase, verb: str, **body: Any) -> Any:
    return client.post(f"{API}/{found.pk}/{verb}", body, format="json", headers={"Idempotency-Key": uuid4().hex})


def test_each_role_sees_its_kinds_and_customers_none() -> None:
    for kind in ("shortfall", "payment_mismatch", "late_to_ship", "parked_event"):
        case(kind)
    assert sorted(kinds(caller(person("warehouse")))) == ["late_to_ship", "shortfall"]
    assert sorted(kinds(caller(person("customer_service")))) == ["late_to_ship", "payment_mismatch"]
    assert len(kinds(caller(person("admin")))) == 4
    assert caller(person("customer")).get(API).status_code == 403
    assert APIClient().get(API).status_code == 401


def test_the_list_is_filtered_and_takes_a_fixed_number_of_statements(django_assert_num_queries: Any) -> None:
    admin = person("admin")
    for number in range(5):
        case("late_to_ship", str(number))
    mine = case("address", "9")
    ExceptionCase.objects.filter(pk=mine.pk).update(owner_id=admin.pk)
    client = caller(admin)
    assert kinds(client, "?owner=me") == kinds(client, "?kind=address") == ["address"]
    assert len(kinds(client, "?owner=none&state=open")) == 5
    assert client.get(f"{API}?owner=nobody").status_code == 400
    assert client.get(f"{API}?owners=me").status_code == 400
    with django_assert_num_queries(1):
        kinds(client)


def test_it_is_raised_once_for_the_same_cause() -> None:
    assert case("address").pk == case("address").pk
    assert ExceptionCase.objects.count() == 1


def test_it_is_assigned_to_who_may_see_it() -> None:
    found, client = case("payment_mismatch"), caller(person("admin"))
    packer, clerk = person("warehouse"), person("customer_service")
    assert send(client, found, "assign", owner=clerk.pk).json()["owner"] == clerk.pk
    refused = send(client, found, "assign", owner=packer.pk)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "owner")
    found.refresh_from_db()
    assert found.owner_id == clerk.pk
    assert send(client, found, "assign", owner=None).json()["owner"] is None


def test_put_off_it_leaves_the_queue_until_then() -> None:
    found, client = case("address"), caller(person("customer_service"))
    until = timezone.now() + timedelta(hours=2)
    assert send(client, found, "snooze", until=until.isoformat()).json()["state"] == "snoozed"
    assert (kinds(client, "?state=open"), kinds(client, "?state=snoozed")) == ([], ["address"])
    past = send(client, found, "snooze", until="2020-01-01T00:00:00Z")
    assert (past.status_code, past.json()["errors"][0]["field"]) == (400, "until")


def test_it_is_resolved_once_with_what_was_done() -> None:
    found, clerk = case("address"), person("customer_service")
    client = caller(clerk)
    assert send(client, found, "resolve").status_code == 400
    body = send(client, found, "resolve", note="Asked the customer.").json()
    said = (body["state"], body["resolved_by"], body["resolution"])
    assert said == ("resolved", f"user:{clerk.pk}", "Asked the customer.")
    assert send(client, found, "resolve", note="Again.").json()["code"] == "not_allowed_now"
    assert send(caller(person("warehouse")), found, "assign", owner=None).status_code == 404
