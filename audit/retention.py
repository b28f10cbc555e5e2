"""Forgetting what has done its work, a few rows at a time, so that no statement holds many."""

import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from audit.models import Delivery, Outbox

BATCH = 500
# Well before the worker's own limit; what is left is the next run's.
RUN_SECONDS = 120


def in_batches(forget: Callable[[int], int], *, size: int = BATCH) -> int:
    """Call `forget(size)` in a transaction each until it finds less than that many rows; returns how many in all."""
    until = time.monotonic() + RUN_SECONDS
    total = 0
    while time.monotonic() < until:
        with transaction.atomic():
            forgotten = forget(size)
        total += forgotten
        if forgotten < size:
            break
    return total


def forget_deliveries() -> int:
    """Delete the deliveries that were done `OUTBOX_DAYS` ago; the facts themselves are kept. Returns how many.

    None is delivered again: deliveries are made from an entry's row in the outbox, which is gone when they exist.
    """
    before = timezone.now() - timedelta(days=settings.OUTBOX_DAYS)
    waiting = Exists(Outbox.objects.filter(entry=OuterRef("entry")))
    old = Delivery.objects.filter(~waiting, state=Delivery.State.DONE, done_at__lt=before).order_by("pk")

    def forget(size: int) -> int:
        ids = list(old.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:size])
        return Delivery.objects.filter(pk__in=ids).delete()[0]

    return in_batches(forget)
