from datetime import timedelta

import pytest
from django.db import transaction

from api.limits import RateLimited, count, forget_ended
from api.models import Attempts

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def tries(number: int, *, who: str = "192.0.2.1", what: str = "guess", limit: int = 3) -> int:
    """How many of so many attempts were let through."""
    passed = 0
    for _ in range(number):
        try:
            count(what, who, limit=limit, window=HOUR)
        except RateLimited:
            continue
        passed += 1
    return passed


def test_so_many_pass_and_no_more() -> None:
    assert tries(5) == 3


def test_each_caller_and_each_thing_has_its_own_count() -> None:
    tries(5)
    assert tries(5, who="192.0.2.2") == 3
    assert tries(5, what="other") == 3


def test_a_refusal_says_when_to_come_back() -> None:
    tries(3)
    with pytest.raises(RateLimited) as refused:
        count("guess", "192.0.2.1", limit=3, window=HOUR)
    assert 3590 <= refused.value.retry_after <= 3600
    assert (refused.value.status, refused.value.code) == (429, "rate_limited")


def test_a_new_window_begins_with_the_first_attempt_after_the_old_one() -> None:
    tries(5)
    row = Attempts.objects.get()
    Attempts.objects.update(ends_at=row.ends_at - HOUR)
    assert tries(1) == 1
    row.refresh_from_db()
    assert row.count == 1


def test_what_is_counted_before_a_transaction_outlives_it() -> None:
    count("guess", "a", limit=3, window=HOUR)
    with transaction.atomic():
        transaction.set_rollback(True)
    assert Attempts.objects.get().count == 1


def test_nobody_can_be_read_out_of_the_table() -> None:
    tries(1)
    assert "192.0.2.1" not in Attempts.objects.get().key


def test_ended_counts_are_forgotten() -> None:
    tries(1)
    assert forget_ended() == 0
    Attempts.objects.update(ends_at="2020-01-01T00:00Z")
    assert forget_ended() == 1
