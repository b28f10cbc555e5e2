import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from api.idempotency import fingerprint, forget_expired
from api.models import IdempotencyKey
from api.tasks import forget_expired_keys

pytestmark = [pytest.mark.urls("api.tests.urls"), pytest.mark.django_db]

SHELVES = "/api/v1/shelves"
PLACE = f"{SHELVES}/place"
ALICE, BOB = "Test 1", "Test 2"


def place(client: APIClient, key: str | None = "k", body: Any = None, caller: str = ALICE, **headers: str) -> Any:
    named = headers if key is None else headers | {"HTTP_IDEMPOTENCY_KEY": key}
    return client.post(PLACE, body or {}, HTTP_AUTHORIZATION=caller, **named)


def fail(client: APIClient, how: str) -> Any:
    return client.post(f"{SHELVES}/fail/{how}", HTTP_AUTHORIZATION=ALICE, HTTP_IDEMPOTENCY_KEY="k")


def test_a_repeated_request_gets_the_first_answer_and_happens_once(client: APIClient) -> None:
    first, second = place(client), place(client)
    assert (first.status_code, second.status_code) == (201, 201)
    assert (first.headers.get("Idempotent-Replayed"), second["Idempotent-Replayed"]) == (None, "true")
    assert second.content == first.content
    assert second["Content-Type"] == first["Content-Type"] == "application/json"
    assert (Group.objects.count(), IdempotencyKey.objects.count()) == (1, 1)


def test_its_headers_are_repeated_too(client: APIClient) -> None:
    answers = [
        client.post(SHELVES, {"name": "a"}, HTTP_AUTHORIZATION=ALICE, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)
    ]
    assert answers[1]["Location"] == answers[0]["Location"] == f"/shelves/{Group.objects.get().pk}"
    assert answers[1]["X-Request-ID"] != answers[0]["X-Request-ID"]


def test_another_body_with_the_same_key_is_a_422(client: APIClient) -> None:
    place(client, body={"a": 1})
    response = place(client, body={"a": 2})
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert Group.objects.count() == 1


def test_another_query_with_the_same_key_is_a_422(client: APIClient) -> None:
    place(client)
    response = client.post(f"{PLACE}?dry_run=false", {}, HTTP_AUTHORIZATION=ALICE, HTTP_IDEMPOTENCY_KEY="k")
    assert response.status_code == 422


def test_without_a_key_where_one_is_required_nothing_happens(client: APIClient) -> None:
    response = place(client, key=None)
    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_required")
    assert response.json()["errors"][0]["field"] == "Idempotency-Key"
    assert not Group.objects.exists()


def test_without_a_key_where_none_is_required_each_request_counts(client: APIClient) -> None:
    assert [client.post(SHELVES, {"name": name}).status_code for name in "ab"] == [201, 201]
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "a\tb", "\x7f", "x" * 256])
def test_a_key_that_is_not_1_to_255_visible_characters_is_a_400(client: APIClient, key: str) -> None:
    response = place(client, key=key)
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert not Group.objects.exists()


@pytest.mark.parametrize("key", ["!", "~", "x" * 255, "7f0c2c1e-8f0e-4b7e-a1f5-2f1d4c9f6a10"])
def test_any_visible_ascii_is_a_key(client: APIClient, key: str) -> None:
    assert [place(client, key=key).status_code for _ in range(2)] == [201, 201]
    assert Group.objects.count() == 1


def test_the_same_key_of_another_caller_is_another_key(client: APIClient) -> None:
    assert place(client, caller=ALICE).json() != place(client, caller=BOB).json()
    assert Group.objects.count() == 2


def test_the_same_key_on_another_route_is_another_key(client: APIClient) -> None:
    place(client)
    response = client.post(SHELVES, {"name": "a"}, HTTP_AUTHORIZATION=ALICE, HTTP_IDEMPOTENCY_KEY="k")
    assert (response.status_code, Group.objects.count()) == (201, 2)


def test_a_trailing_slash_is_the_same_route(client: APIClient) -> None:
    place(client)
    response = client.post(f"{PLACE}/", {}, HTTP_AUTHORIZATION=ALICE, HTTP_IDEMPOTENCY_KEY="k")
    assert response["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("header", ["HTTP_X_CART_TOKEN", "HTTP_X_ORDER_TOKEN", "REMOTE_ADDR", "HTTP_USER_AGENT"])
def test_guests_are_told_apart_by_their_token_or_where_they_are(client: APIClient, header: str) -> None:
    answers = [place(client, caller="", **{header: value}).json()["id"] for value in ("1.1.1.1", "2.2.2.2", "1.1.1.1")]
    assert (answers[0] == answers[2], answers[0] == answers[1]) == (True, False)
    assert not IdempotencyKey.objects.filter(caller__contains="1.1.1.1").exists()


@pytest.mark.parametrize(("key", "times"), [("1", 2), ("x" * 15, 2), ("x" * 16, 1)])
def test_strangers_who_make_do_with_a_short_key_do_not_get_each_others_answer(
    client: APIClient, key: str, times: int
) -> None:
    for number in range(2):
        client.post(SHELVES, {"name": f"n{number if times == 2 else 0}"}, HTTP_IDEMPOTENCY_KEY=key)
    assert Group.objects.count() == times


@pytest.mark.parametrize(("how", "status", "code"), [("refuse", 409, "not_allowed_now"), ("answer", 404, None)])
def test_a_refusal_is_repeated_and_leaves_nothing_half_done(
    client: APIClient, how: str, status: int, code: str | None
) -> None:
    answers = [fail(client, how) for _ in range(2)]
    assert [(answer.status_code, answer.json().get("code")) for answer in answers] == [(status, code)] * 2
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert answers[1]["Content-Type"] == answers[0]["Content-Type"]
    assert not Group.objects.exists()


def test_a_refusal_for_its_input_is_repeated(client: APIClient) -> None:
    answers = [client.post(SHELVES, {"name": ""}, HTTP_AUTHORIZATION=ALICE, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(400, answers[0].content)] * 2
    assert answers[1]["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("how", "status"), [("away", 503), ("bug", 500), ("throttled", 429)])
def test_what_is_over_soon_is_not_kept_and_leaves_nothing(client: APIClient, how: str, status: int) -> None:
    for _ in range(2):
        response = fail(client, how)
        assert (response.status_code, "Idempotent-Replayed" in response) == (status, False)
    assert not Group.objects.exists()
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("how", "status"), [("twice", 409), ("long", 400)])
def test_what_the_database_refuses_is_not_kept_and_leaves_nothing(client: APIClient, how: str, status: int) -> None:
    assert fail(client, how).status_code == status
    assert not Group.objects.exists()
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_crash_leaves_neither_the_change_nor_the_key(client: APIClient) -> None:
    assert fail(client, "terminate").status_code == 503
    connection.close()
    assert not Group.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert fail(client, "refuse").status_code == 409


def test_who_may_not_is_told_so_and_nothing_is_kept(client: APIClient) -> None:
    assert client.post("/api/v1/private", HTTP_IDEMPOTENCY_KEY="k").status_code == 401
    assert not IdempotencyKey.objects.exists()


def test_an_answer_is_kept_for_a_day(client: APIClient) -> None:
    with time_machine.travel("2026-03-01 12:00Z", tick=False) as clock:
        place(client)
        clock.shift(timedelta(hours=24) - timedelta(seconds=1))
        assert place(client)["Idempotent-Replayed"] == "true"
        clock.shift(timedelta(seconds=2))
        assert "Idempotent-Replayed" not in place(client, body={"another": "body"})
        assert Group.objects.count() == 2
        assert place(client, body={"another": "body"})["Idempotent-Replayed"] == "true"
    assert IdempotencyKey.objects.count() == 1


def test_what_is_kept_tells_nothing_to_a_reader_of_the_table(client: APIClient) -> None:
    body = {"password": "correct horse"}
    assert place(client, body=body).json()["secret"] == "open-sesame"
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(k)::text, encode(answer, 'escape') FROM api_idempotencykey k")
        row = " ".join(cursor.fetchone())
    assert "open-sesame" not in row
    assert "horse" not in row
    assert place(client, body=body).json()["secret"] == "open-sesame"


def test_the_boundary_of_a_multipart_body_makes_no_difference() -> None:
    def sent(boundary: str, text: str = "a") -> str:
        body = f"--{boundary}\r\n\r\n{text}\r\n--{boundary}--".encode()
        return fingerprint("", body, f'multipart/form-data; boundary="{boundary}"')

    assert sent("one") == sent("another")
    assert sent("one") != sent("one", "b")
    assert fingerprint("", b"{}", "application/json") == fingerprint("", b"{}")


def test_the_fingerprint_cannot_be_guessed_at_without_the_servers_key(client: APIClient, settings: Any) -> None:
    place(client)
    kept = IdempotencyKey.objects.get().fingerprint
    IdempotencyKey.objects.all().delete()
    settings.TOKEN_KEY = b"another key"
    place(client)
    assert IdempotencyKey.objects.get().fingerprint != kept


def test_an_answer_kept_under_another_secret_is_said_to_be_lost(client: APIClient, settings: Any) -> None:
    place(client)
    settings.IDEMPOTENCY_CIPHER_KEY = b"A" * 43 + b"="
    response = place(client)
    assert (response.status_code, response.json()["code"]) == (409, "idempotency_answer_lost")
    assert Group.objects.count() == 1


def test_answers_past_their_time_are_forgotten(client: APIClient) -> None:
    for key in ("old", "young"):
        place(client, key=key)
    IdempotencyKey.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    forget_expired_keys()
    assert [row.key for row in IdempotencyKey.objects.all()] == ["young"]
    assert forget_expired() == 0


def test_a_key_costs_three_statements(client: APIClient) -> None:
    with CaptureQueriesContext(connection) as queries:
        place(client)
    handler = ["SELECT COUNT(*)", "INSERT"]
    assert [said(query["sql"]) for query in queries] == [
        "SAVEPOINT",  # the transaction, within that of the test
        "SELECT pg_try_advisory_xact_lock",
        "SELECT",
        *handler,
        "INSERT",
        "RELEASE",
    ]


def said(sql: str) -> str:
    found = re.match(r"SELECT (COUNT\(\*\)|pg_try_advisory_xact_lock)|\w+", sql)
    return found.group() if found else sql
