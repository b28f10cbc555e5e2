"""What only a real server shows: bodies without a length, preflights, answers of the whole stack."""

from collections.abc import Iterator

import httpx
import orjson
import pytest

from tests.conftest import Processes


def chunks(body: bytes) -> Iterator[bytes]:
    """Sent in pieces, so that the client cannot say how long it is."""
    for start in range(0, len(body), 65536):
        yield body[start : start + 65536]


def test_a_chunked_body_is_read_whole(live_server_process: Processes) -> None:
    body = orjson.dumps({"email": "guest@example.com", "currency": "USD"})
    answer = httpx.post(
        f"{live_server_process.api}/carts", content=chunks(body), headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["email"], answer.json()["currency"]) == (201, "guest@example.com", "USD")


def test_two_chunked_bodies_with_one_key_are_told_apart(live_server_process: Processes) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "a-key-of-sixteen-characters"}
    url = f"{live_server_process.api}/carts"
    statuses = [
        httpx.post(url, content=chunks(orjson.dumps({"email": email})), headers=headers).status_code
        for email in ("one@example.com", "two@example.com")
    ]
    assert statuses == [201, 422]


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_past_the_limit_is_refused(live_server_process: Processes, chunked: bool) -> None:
    body = b'{"email": "' + b"x" * (13 * 1024 * 1024) + b'"}'
    content = chunks(body) if chunked else body
    answer = httpx.post(
        f"{live_server_process.api}/carts", content=content, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("path", ["orders", "orders/W1", "orders/W1/cancel", "carts", "products", "stock", "me"])
def test_what_is_allowed_can_be_asked_by_anybody(live_server_process: Processes, path: str) -> None:
    answer = httpx.options(f"{live_server_process.api}/{path}")
    assert (answer.status_code, bool(answer.headers["Allow"])) == (204, True)


def test_strangers_with_a_short_key_get_carts_of_their_own(live_server_process: Processes) -> None:
    answers = [
        httpx.post(f"{live_server_process.api}/carts", json={}, headers={"Idempotency-Key": "1"}) for _ in range(2)
    ]
    assert answers[0].json()["token"] != answers[1].json()["token"]
