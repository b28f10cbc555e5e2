"""Request ids, trailing slashes, versions, dry runs, actors."""

import logging
from typing import Any

import pytest
import structlog
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from api.actors import Actor, request_id
from api.models import IdempotencyKey
from kernel.errors import Busy

pytestmark = [pytest.mark.urls("api.tests.urls"), pytest.mark.django_db]

SHELVES = "/api/v1/shelves"


@pytest.mark.parametrize("given", ["a", "7f0c2c1e-8f0e-4b7e", "!~", "x" * 128])
def test_a_request_id_is_echoed(client: APIClient, given: str) -> None:
    assert client.get(SHELVES, HTTP_X_REQUEST_ID=given)["X-Request-ID"] == given


@pytest.mark.parametrize("given", [None, "", "a b", "é", "x" * 129, "a\nb"])
def test_a_missing_or_unfit_request_id_is_made(client: APIClient, given: str | None) -> None:
    headers = {} if given is None else {"HTTP_X_REQUEST_ID": given}
    made = [client.get(SHELVES, **headers)["X-Request-ID"] for _ in range(2)]
    assert made[0] != made[1]
    assert all(len(value) == 32 for value in made)


def test_errors_carry_it_too(client: APIClient) -> None:
    assert client.get("/api/v1/nowhere", HTTP_X_REQUEST_ID="a")["X-Request-ID"] == "a"
    assert client.post(f"{SHELVES}/fail/bug", HTTP_X_REQUEST_ID="b")["X-Request-ID"] == "b"


def test_it_is_found_in_the_logs(client: APIClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="api.middleware"):
        client.get(f"{SHELVES}?q=secret", HTTP_X_REQUEST_ID="seen")
    (record,) = [record for record in caplog.records if record.name == "api.middleware"]
    event: dict[str, Any] = record.msg  # type: ignore[assignment]
    assert (event["event"], event["request_id"], event["status"]) == ("request", "seen", 200)
    assert (event["method"], event["path"]) == ("GET", SHELVES)
    assert "secret" not in record.getMessage()


def test_it_ends_with_the_request(client: APIClient) -> None:
    client.get(SHELVES, HTTP_X_REQUEST_ID="over")
    assert request_id.get() == ""
    assert structlog.contextvars.get_contextvars() == {}


@pytest.mark.parametrize("slashes", ["/", "//", "///"])
def test_a_trailing_slash_changes_nothing(client: APIClient, slashes: str) -> None:
    Group.objects.create(name="a")
    for url in (SHELVES, f"{SHELVES}/a"):
        with_slash, without = client.get(f"{url}{slashes}"), client.get(url)
        assert (with_slash.status_code, with_slash.content) == (200, without.content)


def test_a_write_with_a_trailing_slash_is_a_write(client: APIClient) -> None:
    assert client.post(f"{SHELVES}/", {"name": "a"}).status_code == 201


def test_links_of_a_list_have_no_trailing_slash(client: APIClient) -> None:
    Group.objects.bulk_create([Group(name=name) for name in "ab"])
    link = client.get(f"{SHELVES}/?page_size=1").json()["next"]
    assert link.startswith("http://testserver/api/v1/shelves?")


def test_an_object_carries_its_version(client: APIClient) -> None:
    shelf = Group.objects.create(name="a")
    assert client.get(f"{SHELVES}/a")["ETag"] == f'"{shelf.pk}"'


@pytest.mark.parametrize("tag", ['"{}"', 'W/"{}"', '"0", "{}"', "*"])
def test_an_unchanged_object_is_a_304_without_a_body(client: APIClient, tag: str) -> None:
    shelf = Group.objects.create(name="a")
    response = client.get(f"{SHELVES}/a", HTTP_IF_NONE_MATCH=tag.format(shelf.pk))
    assert (response.status_code, response.content, response["ETag"]) == (304, b"", f'"{shelf.pk}"')


@pytest.mark.parametrize("tag", ['"0"', "{}", "", '"{}0"'])
def test_another_version_is_sent_again(client: APIClient, tag: str) -> None:
    shelf = Group.objects.create(name="a")
    response = client.get(f"{SHELVES}/a", HTTP_IF_NONE_MATCH=tag.format(shelf.pk))
    assert (response.status_code, response.json()) == (200, {"name": "a"})


@pytest.mark.parametrize("tag", [None, '"{}"', 'W/"{}"', '"0","{}"', "*"])
def test_a_write_to_the_version_one_has_seen_passes(client: APIClient, tag: str | None) -> None:
    shelf = Group.objects.create(name="a")
    headers = {} if tag is None else {"HTTP_IF_MATCH": tag.format(shelf.pk)}
    assert client.patch(f"{SHELVES}/a", {"name": "b"}, **headers).status_code == 204
    assert Group.objects.get().name == "b"


@pytest.mark.parametrize("tag", ['"0"', "{}", "", "garbage"])
def test_a_write_to_another_version_is_a_412_and_changes_nothing(client: APIClient, tag: str) -> None:
    shelf = Group.objects.create(name="a")
    response = client.patch(f"{SHELVES}/a", {"name": "b"}, HTTP_IF_MATCH=tag.format(shelf.pk))
    assert (response.status_code, response.json()["code"]) == (412, "stale_version")
    assert Group.objects.get().name == "a"


@pytest.mark.parametrize("asked", ["true", "1"])
def test_a_dry_run_answers_and_changes_nothing(client: APIClient, asked: str) -> None:
    response = client.post(f"{SHELVES}?dry_run={asked}", {"name": "a"}, HTTP_IDEMPOTENCY_KEY="k")
    assert (response.status_code, response.json()["name"], response["Dry-Run"]) == (201, "a", "true")
    assert not Group.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert client.post(SHELVES, {"name": "a"}, HTTP_IDEMPOTENCY_KEY="k").status_code == 201
    assert Group.objects.count() == 1


@pytest.mark.parametrize("asked", ["false", "0"])
def test_no_dry_run_changes_something(client: APIClient, asked: str) -> None:
    response = client.post(f"{SHELVES}?dry_run={asked}", {"name": "a"})
    assert (response.status_code, "Dry-Run" in response, Group.objects.count()) == (201, False, 1)


@pytest.mark.parametrize("asked", ["", "yes", "TRUE", "2"])
def test_a_dry_run_that_is_neither_true_nor_false_is_a_400(client: APIClient, asked: str) -> None:
    response = client.post(f"{SHELVES}?dry_run={asked}", {"name": "a"})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "dry_run")
    assert not Group.objects.exists()


def test_a_dry_run_that_is_refused_says_so(client: APIClient) -> None:
    response = client.post(f"{SHELVES}?dry_run=true", {})
    assert (response.status_code, response["Dry-Run"]) == (400, "true")


def test_a_dry_run_where_there_is_none_is_a_400_and_changes_nothing(client: APIClient) -> None:
    response = client.post(f"{SHELVES}/fail/refuse?dry_run=true")
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "unknown")


def test_a_caller_is_an_actor(client: APIClient) -> None:
    assert client.get("/api/v1/private", HTTP_AUTHORIZATION="Test 7").json() == {"actor": "user:7"}


@pytest.mark.parametrize("text", ["user:12", "partner:3", "guest:cart", "system:expire_orders", "system:a:b"])
def test_an_actor_comes_back_from_its_stored_form(text: str) -> None:
    assert str(Actor.parse(text)) == text


def test_only_people_have_a_user_id() -> None:
    assert (Actor.user(12).user_id, Actor.partner(3).user_id) == (12, None)


def test_a_busy_row_is_worth_another_try() -> None:
    assert (Busy.status, Busy().retry_after) == (503, 2)
