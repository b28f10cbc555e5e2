"""A provider's taxes, without ever making the shop wait for long.

What was answered is kept in Django's cache for the same request. A provider that does not answer is left alone by the
whole process for `TAX_RETRY_SECONDS`; meanwhile the tables stand.
"""

import time
from threading import BoundedSemaphore, Lock

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from redis.exceptions import RedisError

from orders.tax.provider import TaxAnswer, TaxDeclined, TaxRequest, TaxUnclear, provider_named

logger = structlog.get_logger(__name__)
# Changes with the shape of what is kept.
VERSION = 1


class Pause:
    """Until when a provider is left alone, in one process."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.until = 0.0

    def may_try(self) -> bool:
        """Whether it is over. Of many callers at once after a failure, one tries and the others do without."""
        with self.lock:
            if not self.until:
                return True
            if time.monotonic() < self.until:
                return False
            self.until = time.monotonic() + settings.TAX_RETRY_SECONDS
            return True

    def begin(self) -> None:
        with self.lock:
            self.until = time.monotonic() + settings.TAX_RETRY_SECONDS

    def end(self) -> None:
        with self.lock:
            self.until = 0.0


pause = Pause()
_slots = BoundedSemaphore(settings.TAX_CALLS_AT_ONCE)


def asks_provider() -> bool:
    """Whether a provider is asked at all, or the tables are all there is."""
    return bool(settings.TAX_PROVIDER)


def cached_answer(request: TaxRequest) -> TaxAnswer | None:
    """What the provider has answered to the same request lately. Asks nobody but the cache."""
    if not _can_be_asked(request):
        return None
    try:
        found: TaxAnswer | None = cache.get(_key(request.fingerprint))
    except RedisError:
        return None
    return found


def ask_ahead(request: TaxRequest) -> TaxAnswer | None:
    """As `cached_answer`, asking the provider for what is not known; None where the tables must do.

    To be called outside any transaction: its locks would last as long as the call.
    """
    if not _can_be_asked(request):
        return None
    if connection.in_atomic_block:
        raise RuntimeError("A tax provider is asked outside any transaction.")
    try:
        known: TaxAnswer | None = cache.get(_key(request.fingerprint))
        if known is not None or cache.get(_key("declined", request.fingerprint)):
            return known
        return _ask(request)
    except RedisError:
        # Without a memory the order that follows would not find the answer.
        return None


def forget_calculation(calculation: str) -> None:
    """After commit: what an order was placed with is not given to the next one, which is booked on its own."""
    transaction.on_commit(lambda: _forget(calculation), robust=True)


def _forget(calculation: str) -> None:
    fingerprint = cache.get(_key("of", calculation))
    if fingerprint:
        cache.delete(_key(fingerprint))


def _can_be_asked(request: TaxRequest) -> bool:
    return asks_provider() and bool(request.country) and any(line.tax_class for line in request.lines)


def _ask(request: TaxRequest) -> TaxAnswer | None:
    if not _slots.acquire(blocking=False):
        return None
    try:
        if not pause.may_try():
            return None
        answer = provider_named(settings.TAX_PROVIDER).quote(request)
    except TaxDeclined as refusal:
        logger.info("tax_provider_declined", provider=settings.TAX_PROVIDER, reason=str(refusal))
        pause.end()
        cache.set(_key("declined", request.fingerprint), True, settings.TAX_RETRY_SECONDS)
        return None
    except TaxUnclear as failure:
        logger.warning("tax_provider_is_away", provider=settings.TAX_PROVIDER, reason=str(failure))
        pause.begin()
        return None
    finally:
        _slots.release()
    pause.end()
    cache.set(_key(request.fingerprint), answer, settings.TAX_CACHE_SECONDS)
    cache.set(_key("of", answer.calculation), request.fingerprint, settings.TAX_CACHE_SECONDS)
    return answer


def _key(*what: str) -> str:
    return ":".join(("tax", str(VERSION), settings.TAX_PROVIDER, *what))
