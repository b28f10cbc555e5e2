"""Whatever happens to stock, and however it interleaves, its rules hold afterwards.

`WAYBILL_SEED` repeats a walk; that of several walkers at once only as far as threads repeat.
"""

import os
import secrets
from collections import Counter
from functools import partial

import pytest

from inventory.tests.checks import broken_rules, unhealthy_history
from tests.concurrency.racing import at_once
from tests.concurrency.stock_walk import Walker, open_shop

pytestmark = pytest.mark.django_db(transaction=True)
EVERY_WAY = {
    "reserve", "commit", "release", "release_part", "consume", "restock", "adjust", "count", "transfer", "safety",
    "toggle",
}  # fmt: skip


@pytest.fixture
def seed():
    chosen = int(os.environ.get("WAYBILL_SEED") or secrets.randbelow(2**32))
    print(f"WAYBILL_SEED={chosen}")  # noqa: T201  pytest shows it when the walk fails
    return chosen


def walk(seed, *, walkers, steps):
    open_shop()
    orders: list[int] = []
    crew = [Walker(number, seed, orders) for number in range(1, walkers + 1)]
    results = at_once([partial(walker.walk, steps) for walker in crew], threads=walkers)
    for result in results:
        if isinstance(result, Exception):
            raise result
    return sum(results, Counter())


def assert_sound(seen):
    assert set(seen) >= EVERY_WAY, seen
    assert broken_rules() == []
    assert unhealthy_history() == []


def test_alone(seed):
    assert_sound(walk(seed, walkers=1, steps=300))


def test_several_at_once(seed):
    assert_sound(walk(seed, walkers=6, steps=80))


@pytest.mark.long
def test_many_at_once_for_long(seed):
    assert_sound(walk(seed, walkers=12, steps=2000))
