"""Windows of time as people ask for them."""

from datetime import datetime, timedelta

from django.utils import timezone


def last_days(days: int) -> datetime:
    """Where a window of so many days up to now begins; a second later, so that it is no longer than that."""
    return timezone.now() - timedelta(days=days) + timedelta(seconds=1)
