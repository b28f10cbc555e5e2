"""Redis as requests use it. Whoever waits for it longer than a request can has a client of their own."""

from functools import cache
from threading import Lock

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

_making = Lock()


def quick_client() -> redis.Redis:
    """One client a process, with time limits short enough for a request to bear, and no second try.

    Never two, not even when the first requests come at once: a client that is dropped closes the connections it
    gave away.
    """
    with _making:
        return _client()


def forget_client() -> None:
    """Make the next caller read the settings again."""
    _client.cache_clear()


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0)
    )
