from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone

from api.actors import Actor, request_id
from api.tests.at_once import at_once
from audit import relay
from audit.log import publish
from audit.models import Delivery, LogEntry, Outbox
from audit.relay import deliver, fan_out, hand_out, is_quiet, lag_seconds, replay, undelivered
from audit.tasks import deliver_batch
from audit.tests.shelves import NobodyListens, ShelfEmptied, ShelfFilled, count_it
from kernel.errors import NotAllowedNow, NotFound

pytestmark = pytest.mark.django_db
BY = Actor.system("test")
Subscribe = Callable[[str], None]


@pytest.fixture(autouse=True)
def table(subscribe: Subscribe) -> None:
    subscribe("subscriptions")


class Broker:
    """Keeps what it is sent, or is away."""

    def __init__(self, *, away: tuple[str, ...] = ()) -> None:
        self.sent: list[tuple[str, list[int]]] = []
        self.away = away

    def __call__(self, queue: str, ids: list[int]) -> None:
        if queue in self.away:
            raise ConnectionError("away")
        self.sent.append((queue, ids))


def fill(shelf_id: int = 1, event: type[Any] = ShelfFilled) -> None:
    with transaction.atomic():
        publish(event(shelf_id=shelf_id), by=BY)


def delivery_of(handler: str) -> Delivery:
    return Delivery.objects.get(handler=f"audit.{handler}")


def test_a_queue_that_has_enough_to_do_gets_no_more_and_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "MOST_UNDER_WAY", 3)
    monkeypatch.setattr(relay, "_queue_of", lambda handler: handler)
    broker = Broker()
    for shelf in (1, 2, 3):
        fill(shelf)
    fan_out()
    assert hand_out(broker) == 6
    fill(4)
    fan_out()
    assert hand_out(broker) == 0
    deliver(Delivery.objects.filter(handler="audit.note_who").order_by("pk")[0].pk)
    assert hand_out(broker) == 1
    newest = Delivery.objects.filter(handler="audit.note_who").latest("pk")
    assert broker.sent[-1] == ("audit.note_who", [newest.pk])
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert hand_out(broker) == 7


def test_each_handler_of_a_fact_gets_its_delivery() -> None:
    fill()
    assert fan_out() == 1
    assert list(Delivery.objects.order_by("pk").values_list("handler", "state", "attempts")) == [
        ("audit.count_it", "pending", 0),
        ("audit.note_who", "pending", 0),
    ]
    assert not Outbox.objects.exists()
    assert fan_out() == 0


def test_a_fact_nobody_listens_to_is_done() -> None:
    fill(event=NobodyListens)
    assert (fan_out(), Delivery.objects.count(), is_quiet()) == (1, 0, True)


def test_facts_go_out_oldest_first_and_a_batch_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for shelf_id in range(5):
        fill(shelf_id)
    monkeypatch.setattr(relay, "BATCH", 2)
    assert [fan_out() for _ in range(4)] == [2, 2, 1, 0]
    assert list(LogEntry.objects.filter(deliveries__handler="audit.count_it").order_by("deliveries__pk")) == list(
        LogEntry.objects.order_by("pk")
    )


def test_due_deliveries_are_handed_out_once_until_their_lease_ends(settings: Any) -> None:
    settings.EVENT_QUEUES = {"audit": "money"}
    fill()
    fan_out()
    broker = Broker()
    assert hand_out(broker) == 2
    ids = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    assert broker.sent == [("money", ids)]
    assert hand_out(broker) == 0
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert hand_out(broker) == 2


def test_handlers_of_unknown_apps_go_to_fulfilment() -> None:
    fill()
    fan_out()
    broker = Broker()
    hand_out(broker)
    assert [queue for queue, _ in broker.sent] == ["fulfilment"]


def test_a_broker_that_is_away_leaves_deliveries_due(settings: Any) -> None:
    settings.EVENT_QUEUES = {"audit": "money", "other": "mail"}
    fill()
    fan_out()
    Delivery.objects.filter(handler="audit.note_who").update(handler="other.note_who")
    broker = Broker(away=("mail",))
    with pytest.raises(ConnectionError):
        hand_out(broker)
    assert broker.sent == [("money", [delivery_of("count_it").pk])]
    broker.away = ()
    assert hand_out(broker) == 1
    assert broker.sent[1][0] == "mail"


def test_a_handler_takes_effect_and_is_done() -> None:
    fill()
    fan_out()
    deliver(delivery_of("count_it").pk)
    done = delivery_of("count_it")
    assert (done.state, done.attempts, done.done_at is not None, done.last_error) == ("done", 1, True, "")
    assert Group.objects.count() == 1


def test_what_is_done_is_not_done_again() -> None:
    fill()
    fan_out()
    for _ in range(3):
        deliver(delivery_of("count_it").pk)
    assert (Group.objects.count(), delivery_of("count_it").attempts) == (1, 1)


def test_a_delivery_that_does_not_exist_is_nothing() -> None:
    deliver(0)
    deliver_batch([0, 1])


def test_a_handler_acts_under_its_own_name_in_the_request_of_the_fact() -> None:
    token = request_id.set("req-1")
    try:
        fill()
    finally:
        request_id.reset(token)
    fan_out()
    deliver(delivery_of("note_who").pk)
    assert Group.objects.get().name == "system:audit.note_who req-1 req-1"
    assert request_id.get() == ""


def test_a_failing_handler_leaves_nothing_and_backs_off() -> None:
    fill(event=ShelfEmptied)
    fan_out()
    for attempt in (1, 2, 3):
        before = timezone.now()
        deliver(delivery_of("fail").pk)
        failed = delivery_of("fail")
        assert (failed.state, failed.attempts) == ("pending", attempt)
        assert failed.last_error == "ValueError: the shelf is broken\n"
        assert 0 <= (failed.due_at - before).total_seconds() - 2**attempt < 2
    assert not Group.objects.exists()


def test_an_error_of_the_database_is_a_failure_like_any_other() -> None:
    fill(event=ShelfEmptied)
    fan_out()
    deliver(delivery_of("fail_in_the_database").pk)
    failed = delivery_of("fail_in_the_database")
    assert (failed.state, failed.attempts) == ("pending", 1)
    assert "value too long" in failed.last_error


def test_a_fact_or_handler_no_longer_known_is_a_failure(subscribe: Subscribe) -> None:
    fill()
    fan_out()
    subscribe("deadly")
    deliver(delivery_of("count_it").pk)
    assert "KeyError" in delivery_of("count_it").last_error


def park(handler: str = "fail") -> Delivery:
    fill(event=ShelfEmptied)
    fan_out()
    for _ in range(relay.ATTEMPTS_BEFORE_PARKING):
        deliver(delivery_of(handler).pk)
    return delivery_of(handler)


def test_after_so_many_attempts_it_is_parked_and_left_alone() -> None:
    parked = park()
    assert (parked.state, parked.attempts) == ("parked", relay.ATTEMPTS_BEFORE_PARKING)
    assert parked.due_at - timezone.now() < relay.LONGEST_WAIT
    deliver(parked.pk)
    Delivery.objects.update(due_at=timezone.now())
    assert delivery_of("fail").attempts == relay.ATTEMPTS_BEFORE_PARKING
    broker = Broker()
    hand_out(broker)
    assert parked.pk not in [pk for _, ids in broker.sent for pk in ids]
    assert relay.parked_count() == 1


def test_a_parked_delivery_can_be_replayed() -> None:
    parked = park()
    replayed = replay(delivery_id=parked.pk, by=Actor.user(1))
    assert (replayed.state, replayed.attempts) == ("pending", 0)
    broker = Broker()
    hand_out(broker)
    assert parked.pk in broker.sent[0][1]


def test_only_what_is_parked_can_be_replayed() -> None:
    fill()
    fan_out()
    with pytest.raises(NotAllowedNow), transaction.atomic():
        replay(delivery_id=delivery_of("count_it").pk, by=BY)
    with pytest.raises(NotFound), transaction.atomic():
        replay(delivery_id=0, by=BY)


def test_one_failure_of_a_batch_holds_up_no_other() -> None:
    fill(event=ShelfEmptied)
    fill()
    fan_out()
    deliver_batch(list(Delivery.objects.values_list("pk", flat=True)))
    assert dict(Delivery.objects.values_list("handler", "state")) == {
        "audit.fail": "pending",
        "audit.fail_in_the_database": "pending",
        "audit.count_it": "done",
        "audit.note_who": "done",
    }


def test_a_batch_that_is_done_costs_one_statement(django_assert_num_queries: Any) -> None:
    fill()
    fan_out()
    ids = list(Delivery.objects.values_list("pk", flat=True))
    deliver_batch(ids)
    with django_assert_num_queries(1):
        deliver_batch(ids)


def test_lag_is_the_age_of_the_oldest_waiting_fact(settings: Any) -> None:
    assert lag_seconds() == 0
    fill()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_logentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_logentry SET created_at = now() - interval '90 seconds'")
        cursor.execute("ALTER TABLE audit_logentry ENABLE TRIGGER USER")
    assert 90 <= lag_seconds() < 100
    with pytest.raises(RuntimeError, match="90 s"):
        relay.check_pace()
    fan_out()
    relay.check_pace()


def test_what_is_under_way_is_counted_until_all_is_quiet() -> None:
    fill()
    assert (undelivered(), is_quiet()) == (1, False)
    fan_out()
    assert (undelivered(), is_quiet()) == (2, False)
    deliver_batch(list(Delivery.objects.values_list("pk", flat=True)))
    assert (undelivered(), is_quiet()) == (0, True)


@pytest.mark.django_db(transaction=True)
def test_delivered_many_times_at_once_it_takes_effect_once() -> None:
    fill()
    fan_out()
    pk = delivery_of("count_it").pk
    at_once(10, lambda _: deliver(pk))
    assert (Group.objects.count(), delivery_of("count_it").attempts) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_handler_alone_would_take_effect_each_time() -> None:
    """The negative control: it is the delivery's lock that holds the others back."""
    at_once(10, lambda _: count_it(ShelfFilled(shelf_id=1)))
    assert Group.objects.count() == 10


@pytest.mark.django_db(transaction=True)
def test_many_relays_at_once_give_each_delivery_out_once() -> None:
    for shelf_id in range(50):
        fill(shelf_id)
    broker = Broker()

    def sweep(_: int) -> None:
        for _ in range(5):
            fan_out()
            hand_out(broker)

    at_once(6, sweep)
    sent = [pk for _, ids in broker.sent for pk in ids]
    assert (len(sent), len(set(sent))) == (100, 100)
    assert not Outbox.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_as_quick_as_the_relay_finds_the_delivery_free() -> None:
    """Sent before the claim commits, a delivery would be found locked, skipped, and wait for its lease."""
    fill()
    fan_out()
    hand_out(lambda queue, ids: at_once(1, lambda _: deliver_batch(ids))[0])
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}
