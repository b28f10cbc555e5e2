from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.models import Delivery, LogEntry, Outbox
from audit.relay import fan_out, undelivered
from audit.retention import forget_deliveries, in_batches
from audit.tests.shelves import ShelfFilled

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _table(subscribe: Callable[[str], None], settings: Any) -> None:
    subscribe("subscriptions")
    settings.OUTBOX_DAYS = 90


def delivered() -> LogEntry:
    """A fact that has reached its handlers."""
    with transaction.atomic():
        publish(ShelfFilled(shelf_id=1), by=Actor.system("test"))
    fan_out()
    Delivery.objects.update(state="done", done_at=timezone.now())
    return LogEntry.objects.latest("pk")


def age(days: int, **which: Any) -> None:
    Delivery.objects.filter(**which).update(done_at=timezone.now() - timedelta(days=days))


def test_old_deliveries_go_the_facts_stay_and_nothing_is_delivered_again() -> None:
    old, young = delivered(), delivered()
    age(91, entry=old)
    age(89, entry=young)
    assert forget_deliveries() == 2
    assert set(Delivery.objects.values_list("entry", flat=True)) == {young.pk}
    assert LogEntry.objects.count() == 2
    assert (fan_out(), undelivered(), Delivery.objects.count()) == (0, 0, 2)


@pytest.mark.parametrize("state", ["pending", "parked"])
def test_what_is_not_done_stays_however_old(state: str) -> None:
    delivered()
    Delivery.objects.update(state=state, done_at=timezone.now() - timedelta(days=500))
    assert forget_deliveries() == 0


def test_a_delivery_whose_entry_would_be_fanned_out_again_stays() -> None:
    entry = delivered()
    age(91)
    Outbox.objects.create(entry=entry)
    assert forget_deliveries() == 0


def test_it_goes_in_batches_until_one_is_not_full() -> None:
    left = [3, 3, 1]
    asked: list[int] = []

    def forget(size: int) -> int:
        asked.append(size)
        return left.pop(0)

    assert (in_batches(forget, size=3), asked) == (7, [3, 3, 3])
