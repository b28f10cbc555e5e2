"""The same key many times at once, over real connections."""

from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from api.models import IdempotencyKey
from api.tests.at_once import at_once

pytestmark = [pytest.mark.urls("api.tests.urls"), pytest.mark.django_db(transaction=True)]

TIMES = 50
PLACE = "/api/v1/shelves/place"


def place(key: str) -> Any:
    response = APIClient().post(PLACE, {}, HTTP_AUTHORIZATION="Test 1", HTTP_IDEMPOTENCY_KEY=key)
    return response.status_code, response.json(), response.headers


def test_fifty_at_once_with_one_key_take_effect_once() -> None:
    answers = at_once(TIMES, lambda _: place("same"))
    made = Group.objects.get()
    for status, body, headers in answers:
        if status == 409:
            assert (body["code"], headers["Retry-After"]) == ("idempotency_in_progress", "1")
        else:
            assert (status, body["id"]) == (201, made.pk)
    first = [headers for status, _, headers in answers if status == 201 and "Idempotent-Replayed" not in headers]
    assert len(first) == 1
    assert IdempotencyKey.objects.count() == 1
    assert place("same")[1]["id"] == made.pk


def test_fifty_at_once_with_keys_of_their_own_take_effect_fifty_times() -> None:
    """The negative control: it is the key that holds the others back."""
    answers = at_once(TIMES, lambda number: place(f"own {number}".replace(" ", "-")))
    assert Counter(status for status, _, _ in answers) == {201: TIMES}
    assert Group.objects.count() == TIMES
