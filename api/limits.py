"""Limits on how often something may be tried: counted in PostgreSQL, atomically, whoever else counts at once."""

import hashlib
import hmac
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from api.models import Attempts
from kernel.errors import Refused

# One statement. The window begins with the first attempt; the next one after its end begins another.
COUNT = """
    INSERT INTO api_attempts AS a (key, count, ends_at)
    VALUES (%(key)s, 1, clock_timestamp() + make_interval(secs => %(seconds)s))
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN a.ends_at <= clock_timestamp() THEN 1 ELSE a.count + 1 END,
        ends_at = CASE WHEN a.ends_at <= clock_timestamp() THEN excluded.ends_at ELSE a.ends_at END
    RETURNING count, extract(epoch FROM ends_at - clock_timestamp())::float8
"""


class RateLimited(Refused):
    """Carries `Retry-After`: when the window ends."""

    code = "rate_limited"
    status = 429
    title = "Rate limited"
    detail = "Too many attempts. Try again later."

    def __init__(self, *, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


def count(what: str, who: str, *, limit: int, window: timedelta) -> None:
    """Count one attempt at `what` by `who`. Raises `RateLimited` beyond `limit` attempts in a window.

    To be called before the request's transaction: what is rolled back with it would not have been counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"key": _key(what, who), "seconds": window.total_seconds()})
        number, seconds_left = cursor.fetchone()
    if number > limit:
        raise RateLimited(retry_after=max(1, ceil(seconds_left)))


def spend(what: str, who: str) -> None:
    """Count one attempt under the limit that `settings.LIMITS` has for `what`. Raises `RateLimited`."""
    limit, seconds = settings.LIMITS[what]
    count(what, who, limit=limit, window=timedelta(seconds=seconds))


def refuse_spent(what: str, who: str) -> None:
    """Count nothing, and raise `RateLimited` where no attempt at `what` is left."""
    limit, _ = settings.LIMITS[what]
    now = timezone.now()
    spent = Attempts.objects.filter(key=_key(what, who), count__gte=limit, ends_at__gt=now)
    if (ends_at := spent.values_list("ends_at", flat=True).first()) is not None:
        raise RateLimited(retry_after=max(1, ceil((ends_at - now).total_seconds())))


def give_back(what: str, who: str) -> None:
    """Take one attempt back: it was none of those that the limit is for."""
    Attempts.objects.filter(key=_key(what, who), count__gt=0).update(count=F("count") - 1)


def forgive(what: str, who: str) -> None:
    """Forget the attempts of somebody who has proven to be the right one."""
    Attempts.objects.filter(key=_key(what, who)).delete()


def forget_ended(now: datetime | None = None) -> int:
    """Delete the counts whose window has ended; returns how many."""
    deleted, _ = Attempts.objects.filter(ends_at__lte=now or timezone.now()).delete()
    return deleted


def _key(what: str, who: str) -> str:
    """Keyed and shortened: who it was, perhaps a network address, cannot be read out of the table."""
    return f"{what}:{hmac.new(settings.TOKEN_KEY, who.encode(), hashlib.sha256).hexdigest()[:40]}"
