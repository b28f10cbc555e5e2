"""How often somebody may ask: counted in Redis for each minute, in PostgreSQL while Redis is away.

Told in the headers of the IETF's draft-ietf-httpapi-ratelimit-headers, as most clients know them.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import redis

from api.limits import RateLimited, count
from api.shared_redis import quick_client

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Rate:
    """What is left of a caller's minute."""

    limit: int
    used: int
    reset_seconds: int

    @property
    def is_spent(self) -> bool:
        return self.used > self.limit

    def headers(self) -> Mapping[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "RateLimit-Reset": str(self.reset_seconds),
            "RateLimit-Policy": f"{self.limit};w={WINDOW_SECONDS}",
        }


def count_request(who: str, *, limit: int) -> Rate:
    """Count one request of `who` in the present minute, whoever else counts at once."""
    now = time.time()
    minute = int(now // WINDOW_SECONDS)
    reset = int((minute + 1) * WINDOW_SECONDS - now) + 1
    try:
        used = _count_in_redis(f"waybill:rate:{who}:{minute}")
    except redis.RedisError:
        used = _count_in_database(who, minute, limit)
    return Rate(limit=limit, used=used, reset_seconds=reset)


def _count_in_redis(key: str) -> int:
    with quick_client().pipeline(transaction=True) as pipe:
        pipe.incr(key)
        pipe.expire(key, 2 * WINDOW_SECONDS)
        used, _ = pipe.execute()
    return int(used)


def _count_in_database(who: str, minute: int, limit: int) -> int:
    """Only whether the limit is passed: how much is left is not worth a second look."""
    try:
        count("rate", f"{who}:{minute}", limit=limit, window=timedelta(seconds=2 * WINDOW_SECONDS))
    except RateLimited:
        return limit + 1
    return limit
