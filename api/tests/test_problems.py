from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import connection
from django.http import Http404
from rest_framework import exceptions
from rest_framework.test import APIClient

from api.problems import exception_handler, flatten
from kernel.errors import FieldProblem

pytestmark = [pytest.mark.urls("api.tests.urls"), pytest.mark.django_db]

SHELVES = "/api/v1/shelves"
PROBLEM = "application/problem+json"


def post(client: APIClient, body: bytes, content_type: str = "application/json") -> Any:
    return client.generic("POST", SHELVES, body, content_type)


def check(response: Any, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    assert (response.status_code, response["Content-Type"]) == (status, PROBLEM)
    assert (body["type"], body["status"], body["code"]) == ("about:blank", status, code)
    assert {"title", "detail", "errors"} <= body.keys()
    return body


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{'name': 1}",
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b'{"price": 1e999}',
        b'{"name": "\\ud800"}',
        b'{"name": "\xff"}',
        b"\xef\xbb\xbf{}",
        b"[" * 2000,
        b'{"a":' * 33 + b"1" + b"}" * 33,
    ],
    ids=["cut", "quotes", "nan", "infinity", "huge", "surrogate", "utf8", "bom", "deep", "33-levels"],
)
def test_malformed_json_is_a_400(client: APIClient, body: bytes) -> None:
    check(post(client, body), 400, "invalid")
    assert not Group.objects.exists()


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true"])
def test_json_that_is_no_object_is_a_400(client: APIClient, body: bytes) -> None:
    check(post(client, body), 400, "invalid")


def test_thirty_two_levels_are_read(client: APIClient) -> None:
    body = check(post(client, b'{"name":' + b"[" * 31 + b"]" * 31 + b"}"), 400, "invalid")
    assert body["errors"] == [{"field": "name", "code": "invalid", "detail": "Not a valid string."}]


def test_a_body_past_the_limit_is_a_413(client: APIClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    check(post(client, b'{"name":"' + b"x" * 100 + b'"}'), 413, "too_large")
    assert post(client, b'{"name":"' + b"x" * 89 + b'"}').status_code == 201


def test_a_body_past_the_limit_is_a_413_with_a_key_too(client: APIClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = client.generic("POST", SHELVES, b" " * 101, "application/json", HTTP_IDEMPOTENCY_KEY="a")
    check(response, 413, "too_large")


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x"])
def test_another_media_type_is_a_415(client: APIClient, content_type: str) -> None:
    check(post(client, b"name=1", content_type), 415, "unsupported_media_type")


def test_another_method_is_a_405_that_says_which_are_allowed(client: APIClient) -> None:
    response = client.delete(SHELVES)
    check(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_options_says_what_is_allowed(client: APIClient) -> None:
    response = client.options(SHELVES)
    assert (response.status_code, response.content, response["Allow"]) == (204, b"", "GET, POST, HEAD, OPTIONS")


def test_a_format_that_is_not_spoken_is_a_406(client: APIClient) -> None:
    check(client.get(SHELVES, HTTP_ACCEPT="image/png"), 406, "not_acceptable")


def test_a_refusal_is_a_problem_document_in_any_format_asked_for(client: APIClient) -> None:
    assert client.get(SHELVES, HTTP_ACCEPT="text/plain")["Content-Type"].startswith("text/plain")
    check(client.get(f"{SHELVES}?page_size=0", HTTP_ACCEPT="text/plain"), 400, "invalid")


def test_no_credentials_are_a_401_that_names_the_scheme(client: APIClient) -> None:
    response = client.get("/api/v1/private")
    check(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == "Test"


def test_what_does_not_exist_is_a_404(client: APIClient) -> None:
    check(client.get(f"{SHELVES}/nowhere"), 404, "not_found")


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/v1/nowhere/", "/api/v2/shelves", "/api/", "/api/v1"])
def test_an_unknown_address_below_api_is_a_404(client: APIClient, path: str) -> None:
    check(client.get(path), 404, "not_found")


@pytest.mark.parametrize("path", [f"{SHELVES}/a%00b", f"{SHELVES}%00", "/api/v1/%00/"])
def test_nul_in_a_path_is_a_404(client: APIClient, path: str) -> None:
    check(client.get(path), 404, "not_found")


def test_an_unknown_address_elsewhere_is_djangos_page(client: APIClient) -> None:
    response = client.get("/nowhere")
    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_an_unknown_host_is_a_400(client: APIClient) -> None:
    check(client.get(SHELVES, HTTP_HOST="evil.example"), 400, "invalid")


def test_unknown_query_parameters_are_named(client: APIClient) -> None:
    body = check(client.get(f"{SHELVES}?q=a&staus=paid&b=1&format=json"), 400, "invalid")
    assert [error["field"] for error in body["errors"]] == ["staus", "b", "format"]
    assert {error["code"] for error in body["errors"]} == {"unknown"}


def test_a_parameter_of_another_action_is_unknown(client: APIClient) -> None:
    body = check(client.get(f"{SHELVES}/a?q=b"), 400, "invalid")
    assert [error["field"] for error in body["errors"]] == ["q"]


def test_nul_in_a_query_is_a_400(client: APIClient) -> None:
    body = check(client.get(f"{SHELVES}?q=a%00b"), 400, "invalid")
    assert body["errors"][0]["field"] == "q"


def test_nul_in_a_body_is_a_400_that_names_the_field(client: APIClient) -> None:
    body = check(post(client, b'{"name": "a\\u0000b"}'), 400, "invalid")
    assert [(error["field"], error["code"]) for error in body["errors"]] == [("name", "control")]
    assert not Group.objects.exists()


def test_what_is_missing_is_required(client: APIClient) -> None:
    body = check(post(client, b"{}"), 400, "required")
    assert body["errors"] == [{"field": "name", "code": "required", "detail": "This field is required."}]
    assert body["detail"] == "name: This field is required."


def test_nested_fields_have_dotted_paths(client: APIClient) -> None:
    things = b'[{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 1.5}, {"quantity": 0}, 7]'
    body = check(post(client, b'{"name": "a", "price": "-1", "things": ' + things + b"}"), 400, "invalid")
    assert [(error["field"], error["code"]) for error in body["errors"]] == [
        ("price", "min_value"),
        ("things.1.quantity", "invalid"),
        ("things.2.sku", "required"),
        ("things.2.quantity", "min_value"),
        ("things.3", "invalid"),
    ]


def test_a_refusal_carries_what_else_it_knows(client: APIClient) -> None:
    body = check(client.post(f"{SHELVES}/fail/refuse"), 409, "not_allowed_now")
    assert (body["title"], body["detail"]) == ("Not allowed now", "The shelf is full.")
    assert (body["available_actions"], body["errors"]) == (["wait"], [])


def test_what_is_away_is_a_503_with_a_time(client: APIClient) -> None:
    response = client.post(f"{SHELVES}/fail/away")
    check(response, 503, "unavailable")
    assert response["Retry-After"] == "7"


def test_too_many_requests_are_a_429_with_a_time_rounded_up(client: APIClient) -> None:
    response = client.post(f"{SHELVES}/fail/throttled")
    check(response, 429, "rate_limited")
    assert response["Retry-After"] == "3"


def test_a_bug_is_a_500_that_tells_nothing(client: APIClient) -> None:
    body = check(client.post(f"{SHELVES}/fail/bug"), 500, "server_error")
    assert body["detail"] == "Something went wrong on our side."


@pytest.mark.django_db(transaction=True)
def test_two_of_one_unique_value_are_a_409(client: APIClient) -> None:
    check(client.post(f"{SHELVES}/fail/twice"), 409, "already_exists")


@pytest.mark.django_db(transaction=True)
def test_a_value_no_column_can_hold_is_a_400(client: APIClient) -> None:
    check(client.post(f"{SHELVES}/fail/long"), 400, "invalid")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_a_503(client: APIClient) -> None:
    response = client.post(f"{SHELVES}/fail/terminate")
    connection.close()
    check(response, 503, "unavailable")
    assert response["Retry-After"] == "2"


@pytest.mark.parametrize(
    ("raised", "status", "errors"),
    [
        (Http404(), 404, []),
        (ModelValidationError({"name": "Too long."}), 400, [("name", "invalid")]),
        (ModelValidationError("Odd.", code="odd"), 400, [("", "odd")]),
        (exceptions.ValidationError({"a": {"b": ["c"]}}), 400, [("a.b", "invalid")]),
        (
            exceptions.ValidationError({"message": ["m"], "code": ["c"]}),
            400,
            [("message", "invalid"), ("code", "invalid")],
        ),
    ],
    ids=["http404", "model", "model-plain", "nested", "fields-named-like-details"],
)
def test_what_others_raise_is_translated(raised: Exception, status: int, errors: list[tuple[str, str]]) -> None:
    response = exception_handler(raised, {})
    assert response is not None
    assert (response.status_code, [(e["field"], e["code"]) for e in response.data["errors"]]) == (status, errors)


def test_a_bug_is_not_translated() -> None:
    assert exception_handler(KeyError("x"), {}) is None


def test_errors_of_lists_name_the_place() -> None:
    leaf = {"message": "Wrong.", "code": "invalid"}
    assert list(flatten([{}, {"quantity": [leaf]}], "items")) == [FieldProblem("items.1.quantity", "invalid", "Wrong.")]
    assert list(flatten({"non_field_errors": [leaf]}, "items.0")) == [FieldProblem("items.0", "invalid", "Wrong.")]
