import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Barrier
from typing import Any

import pytest
import redis

from api import shared_redis

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


def all_at_once(ask: Any) -> list[Any]:
    ready = Barrier(THREADS)

    def one(_: int) -> Any:
        ready.wait()
        return ask()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def test_the_first_requests_of_a_process_share_one_client(made_slowly):
    assert len(set(all_at_once(shared_redis.quick_client))) == 1


def test_control_a_cache_alone_makes_several(made_slowly):
    assert len(set(all_at_once(cache(lambda: redis.Redis.from_url("redis://127.0.0.1:1"))))) > 1
