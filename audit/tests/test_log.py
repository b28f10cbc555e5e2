import time
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.db import connection, transaction

from api.actors import Actor, request_id
from api.shared_redis import forget_client
from api.tests.at_once import at_once
from audit.log import NUDGE, nudge, publish
from audit.models import LogEntry, Outbox, Stream
from audit.tests.processes import OwnRedis
from audit.tests.shelves import ShelfEmptied, ShelfFilled

BY = Actor.system("test")
TIMES = 20


@pytest.mark.django_db
def test_a_fact_is_written_with_who_and_in_which_request() -> None:
    token = request_id.set("req-1")
    try:
        entry_id = publish(ShelfFilled(shelf_id=7), by=Actor.user(3))
    finally:
        request_id.reset(token)
    entry = LogEntry.objects.get()
    assert (entry.pk, entry.name, entry.aggregate, entry.aggregate_id) == (entry_id, "ShelfFilled", "shelf", "7")
    assert (entry.sequence, entry.payload) == (1, {"shelf_id": 7})
    assert (entry.actor, entry.request_id) == ("user:3", "req-1")
    assert list(Outbox.objects.values_list("pk", flat=True)) == [entry_id]


@pytest.mark.django_db
def test_each_aggregate_counts_its_own_facts() -> None:
    for event in (ShelfFilled(shelf_id=1), ShelfEmptied(shelf_id=1), ShelfFilled(shelf_id=2)):
        publish(event, by=BY)
    assert list(LogEntry.objects.order_by("pk").values_list("aggregate_id", "sequence")) == [
        ("1", 1),
        ("1", 2),
        ("2", 1),
    ]


@pytest.mark.django_db
def test_publishing_is_one_statement(django_assert_num_queries: Any) -> None:
    publish(ShelfFilled(shelf_id=1), by=BY)
    with django_assert_num_queries(1):
        publish(ShelfFilled(shelf_id=1), by=BY)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is_refused() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        publish(ShelfFilled(shelf_id=1), by=BY)
    assert not LogEntry.objects.exists()


@pytest.mark.django_db
def test_a_rollback_takes_the_fact_and_its_number_back() -> None:
    publish(ShelfFilled(shelf_id=1), by=BY)
    with transaction.atomic():
        publish(ShelfFilled(shelf_id=1), by=BY)
        transaction.set_rollback(True)
    publish(ShelfFilled(shelf_id=1), by=BY)
    assert list(LogEntry.objects.order_by("pk").values_list("sequence", flat=True)) == [1, 2]
    assert (Outbox.objects.count(), Stream.objects.get().last) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_leave_no_gap_and_no_fork() -> None:
    def fill(number: int) -> None:
        with transaction.atomic():
            publish(ShelfFilled(shelf_id=1), by=BY)
            if number % 4 == 3:
                transaction.set_rollback(True)

    at_once(TIMES, fill)
    sequence = list(LogEntry.objects.order_by("sequence").values_list("sequence", flat=True))
    assert sequence == list(range(1, TIMES - TIMES // 4 + 1))


@pytest.mark.django_db(transaction=True)
def test_numbers_taken_by_looking_collide_without_the_row_that_hands_them_out() -> None:
    """The negative control: the highest number so far, plus one, is the same for all who look at once."""
    with transaction.atomic():
        publish(ShelfFilled(shelf_id=1), by=BY)

    def look(number: int) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT max(sequence) + 1, pg_sleep(0.1) FROM audit_logentry")
            taken: int = cursor.fetchone()[0]
        return taken

    assert set(at_once(TIMES, look)) == {2}


@pytest.mark.django_db(transaction=True)
def test_the_relay_is_woken_once_a_transaction_and_after_it(own_redis: OwnRedis) -> None:
    with transaction.atomic():
        publish(ShelfFilled(shelf_id=1), by=BY)
        publish(ShelfFilled(shelf_id=1), by=BY)
        assert own_redis.client.llen(NUDGE) == 0
        assert [entry[1] for entry in connection.run_on_commit].count(nudge) == 1
    assert own_redis.client.llen(NUDGE) == 1
    nudge()
    assert own_redis.client.llen(NUDGE) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "redis://10.255.255.1:6379/0"], ids=["refused", "silent"])
def test_without_redis_facts_are_written_as_quickly_as_a_person_waits(url: str, settings: Any) -> None:
    settings.REDIS_URL = url
    forget_client()
    begun = time.monotonic()
    try:
        with transaction.atomic():
            Group.objects.create(name="filled")
            publish(ShelfFilled(shelf_id=1), by=BY)
            publish(ShelfEmptied(shelf_id=1), by=BY)
    finally:
        forget_client()
    assert time.monotonic() - begun < 2
    assert (Group.objects.filter(name="filled").count(), Outbox.objects.count()) == (1, 2)
    assert url == django_settings.REDIS_URL


def test_an_event_is_read_back_without_what_it_does_not_know() -> None:
    assert ShelfFilled.load({"shelf_id": 7, "colour": "red"}) == ShelfFilled(shelf_id=7)
    assert ShelfFilled(shelf_id=7).to_json() == '{"shelf_id": 7}'
