"""Redis as requests use it. Whoever waits for it longer than a request can has a client of their own."""

from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


@cache
def quick_client() -> redis.Redis:
    """One client a process, with time limits short enough for a request to bear, and no second try."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0)
    )
