"""Few calls to providers at once from one process, so that a slow provider never takes all its threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.conf import settings
from django.db import connection

from payments.errors import ProviderBusy

_slots = BoundedSemaphore(settings.PAYMENT_CALLS_AT_ONCE)


@contextmanager
def calling() -> Iterator[None]:
    """Hold a slot while a provider is called. Raises `ProviderBusy` when all are taken.

    A provider is never called within a transaction: its locks would last as long as the call.
    """
    if connection.in_atomic_block:
        raise RuntimeError("A provider is called outside any transaction.")
    if not _slots.acquire(blocking=False):
        raise ProviderBusy(retry_after=1)
    try:
        yield
    finally:
        _slots.release()
