"""Calls for tests of the API: a key with every POST, and people with a cart or an order to call about."""

import json
import uuid
from contextlib import nullcontext
from typing import Any

from django.db import connection, transaction
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory, client_for
from orders.tests.factories import ADDRESS

API = "/api/v1/"


def call(client: APIClient, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """One request. `headers` by their names with underscores: `if_match='"1"'`.

    Inside the transaction of a test the request gets a savepoint, so that a refusal undoes what it undoes outside.
    """
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    with transaction.atomic() if connection.in_atomic_block else nullcontext():
        return client.generic(method, API + path, _json(body), "application/json", headers=given)


def post(client: APIClient, path: str, body: Any = None, **headers: str) -> Any:
    """A POST with an Idempotency-Key of its own unless `idempotency_key` is given."""
    return call(client, "POST", path, body, **({"idempotency_key": uuid.uuid4().hex} | headers))


def get(client: APIClient, path: str, **headers: str) -> Any:
    return call(client, "GET", path, None, **headers)


def patch(client: APIClient, path: str, body: Any, **headers: str) -> Any:
    return call(client, "PATCH", path, body, **headers)


def delete(client: APIClient, path: str, **headers: str) -> Any:
    return call(client, "DELETE", path, None, **headers)


def _json(body: Any) -> bytes:
    """Bytes go as they are, everything else as JSON, numbers beyond 64 bits too."""
    if isinstance(body, bytes):
        return body
    return b"" if body is None else json.dumps(body).encode()


def staff(role: str) -> APIClient:
    return client_for(UserFactory(role=role))


def ready_cart(client: APIClient, *lines: tuple[str, int]) -> dict[str, Any]:
    """A cart that can be placed; a single mug unless lines are given."""
    body = {
        "items": [{"sku": sku, "quantity": quantity} for sku, quantity in lines or [("MUG", 1)]],
        "email": "guest@example.com",
        "shipping_address": ADDRESS,
    }
    response = post(client, "carts", body)
    assert response.status_code == 201, response.json()
    return dict(response.json())


def fields(response: Any) -> list[str]:
    """The fields a problem names."""
    return [error["field"] for error in response.json()["errors"]]
