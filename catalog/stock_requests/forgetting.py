"""Letting go the addresses of guests, and wishes of long ago."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from api.actors import Actor
from audit.retention import in_batches
from audit.verbs import act_as
from catalog.models import StockRequest

State = StockRequest.State


def forget_addresses() -> int:
    """Blank the addresses of requests that ended `STOCK_REQUEST_DAYS` ago. Returns of how many."""
    before = timezone.now() - timedelta(days=settings.STOCK_REQUEST_DAYS)
    old = StockRequest.objects.filter(ended_at__lt=before).exclude(email="").order_by("ended_at")

    def forget(size: int) -> int:
        ids = list(old.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)[:size])
        return StockRequest.objects.filter(pk__in=ids).update(email="")

    return in_batches(forget)


def give_up_waiting() -> int:
    """Withdraw the requests that have waited for `STOCK_REQUEST_WAIT_DAYS`: nobody remembers them. Returns how many."""
    before = timezone.now() - timedelta(days=settings.STOCK_REQUEST_WAIT_DAYS)
    old = StockRequest.objects.waiting().filter(created_at__lt=before).order_by("pk")

    def withdraw(size: int) -> int:
        act_as(Actor.system("forget_stock_requests"))
        ids = list(old.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)[:size])
        return StockRequest.objects.filter(pk__in=ids).update(state=State.WITHDRAWN, ended_at=timezone.now())

    return in_batches(withdraw)
