"""Two hundred wrong passwords at once: ten are looked at."""

from collections import Counter
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from api import limits
from tests.concurrency.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TRIES = 200


def flood(email: str) -> Counter[int]:
    def guess(number: int) -> Any:
        body = {"email": email, "password": f"wrong-{number}"}
        return APIClient(REMOTE_ADDR=f"10.0.{number}.1").post("/api/v1/auth/token", body).status_code

    return Counter(at_once([lambda number=number: guess(number) for number in range(TRIES)]))


@pytest.mark.parametrize("known", [True, False])
def test_ten_are_checked_from_whatever_networks(known: bool) -> None:
    email = UserFactory().email if known else "nobody@example.com"
    assert flood(email) == {401: 10, 429: TRIES - 10}


def test_counting_after_looking_lets_more_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the number is read first and written afterwards, as `spend` does not."""
    counts: Counter[str] = Counter()

    def spend(what: str, who: str) -> None:
        seen = counts[who]
        if seen >= 10 and what == "login_account":
            raise limits.RateLimited(retry_after=1)
        UserFactory()  # as long as another statement takes
        counts[who] = seen + 1

    monkeypatch.setattr(limits, "spend", spend)
    assert flood(UserFactory().email)[401] > 10
