import time
from functools import cache
from typing import Any

import pytest
import redis

from api import shared_redis
from api.tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


@pytest.fixture
def made_slowly(monkeypatch):
    """A client takes so long to make that all who ask at once find none."""
    shared_redis.forget_client()
    make = redis.Redis.from_url

    def slowly(*args: Any, **kwargs: Any) -> redis.Redis:
        time.sleep(0.05)
        return make(*args, **kwargs)

    monkeypatch.setattr(redis.Redis, "from_url", slowly)
    yield
    shared_redis.forget_client()


def test_the_first_requests_of_a_process_share_one_client(made_slowly):
    assert len(set(at_once(THREADS, lambda _: shared_redis.quick_client()))) == 1


def test_control_a_cache_alone_makes_several(made_slowly):
    make = cache(lambda: redis.Redis.from_url("redis://127.0.0.1:1"))
    assert len(set(at_once(THREADS, lambda _: make()))) > 1
