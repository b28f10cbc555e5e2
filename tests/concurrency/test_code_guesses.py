"""Two hundred guesses of discount codes at once: as many are answered as may be wrong."""

from collections import Counter
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory, access_token
from api import limits
from api.models import Attempts
from orders.models import Cart
from orders.tests.codes import campaign
from tests.concurrency.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TRIES, LIMIT = 200, 20


@pytest.fixture(autouse=True)
def _limit(settings: Any) -> None:
    settings.LIMITS = settings.LIMITS | {"discount_code_guess": (LIMIT, 3600)}


def guess(code: str, *, at: str, **headers: str) -> int:
    client = APIClient(REMOTE_ADDR=at, **headers)
    return int(client.post("/api/v1/carts", {"discount_codes": [code]}).status_code)


def flood(at: str, **headers: str) -> Counter[int]:
    """Each from the network `at`, in which `{n}` is another one each time."""
    works = [
        lambda n=n: guess(f"GUESS-{n}", at=at.format(n=n), **headers)  # type: ignore[misc]
        for n in range(TRIES)
    ]
    return Counter(at_once(works, threads=25))


def test_a_guest_is_stopped_by_network() -> None:
    campaign("SPRING")
    assert flood("192.0.2.1") == {201: LIMIT, 429: TRIES - LIMIT}
    assert Cart.objects.count() == LIMIT <= Attempts.objects.get().count
    assert guess("SPRING", at="192.0.2.1") == 429
    assert guess("SPRING", at="198.51.100.1") == 201


def test_a_customer_is_stopped_by_account_from_whatever_networks() -> None:
    campaign("SPRING")
    mine = f"Bearer {access_token(UserFactory())}"
    assert flood("10.0.{n}.1", HTTP_AUTHORIZATION=mine) == {201: LIMIT, 429: TRIES - LIMIT}
    assert guess("SPRING", at="203.0.113.1", HTTP_AUTHORIZATION=mine) == 429
    other = f"Bearer {access_token(UserFactory())}"
    assert guess("SPRING", at="203.0.113.2", HTTP_AUTHORIZATION=other) == 201


def test_control_counting_by_looking_first_lets_more_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the number is read first and written afterwards, as `spend` does not."""
    counts: Counter[str] = Counter()

    def spend(what: str, who: str) -> None:
        seen = counts[who]
        if seen >= LIMIT:
            raise limits.RateLimited(retry_after=1)
        UserFactory()  # as long as another statement takes
        counts[who] = seen + 1

    monkeypatch.setattr(limits, "spend", spend)
    monkeypatch.setattr(limits, "refuse_spent", lambda what, who: None)
    assert flood("192.0.2.1")[201] > LIMIT
