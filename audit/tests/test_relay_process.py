"""The relay as a process of its own, and what is left when processes, Redis or connections die."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.models import Delivery, Outbox
from audit.relay import fan_out, hand_out
from audit.tests.processes import OwnRedis, run_python, start_relay, wait_for
from audit.tests.shelves import ShelfFilled

pytestmark = pytest.mark.django_db(transaction=True)
KILLED = -signal.SIGKILL
QUEUE = "shelves"


@pytest.fixture(autouse=True)
def table(subscribe: Callable[[str], None]) -> None:
    subscribe("counting")


@pytest.fixture
def relay(own_redis: OwnRedis) -> Iterator[subprocess.Popen[bytes]]:
    """Running, and connected to the database of this test."""
    wait_for(lambda: not others_connected())  # those of the test before
    process = start_relay(own_redis.url)
    wait_for(others_connected)
    yield process
    process.kill()
    process.wait()


def fill(shelf_id: int = 1) -> None:
    with transaction.atomic():
        publish(ShelfFilled(shelf_id=shelf_id), by=Actor.system("test"))


def others_connected() -> list[int]:
    """Process ids of PostgreSQL that serve another than this test."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return [row[0] for row in cursor.fetchall()]


def handed_out() -> bool:
    return Delivery.objects.filter(due_at__gt=timezone.now() + timedelta(seconds=30)).exists()


def test_it_hands_facts_to_the_queue_of_their_handler(relay: object, own_redis: OwnRedis) -> None:
    fill()
    wait_for(lambda: own_redis.client.llen(QUEUE) == 1)
    assert not Outbox.objects.exists()
    assert handed_out()


def test_it_stops_when_told(relay: subprocess.Popen[bytes]) -> None:
    relay.terminate()
    assert relay.wait(timeout=10) == 0


def test_it_outlives_its_connection_to_postgresql(relay: subprocess.Popen[bytes], own_redis: OwnRedis) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) pid", [others_connected()])
    fill()
    wait_for(lambda: own_redis.client.llen(QUEUE) == 1)
    assert relay.poll() is None


def test_it_outlives_redis(relay: subprocess.Popen[bytes], own_redis: OwnRedis) -> None:
    fill(1)
    wait_for(lambda: own_redis.client.llen(QUEUE) == 1)
    own_redis.kill()
    fill(2)
    wait_for(lambda: Delivery.objects.count() == 2)
    own_redis.start()
    wait_for(lambda: own_redis.client.llen(QUEUE) == 1)
    assert relay.poll() is None
    # What Redis forgot is due again when its lease ends.
    Delivery.objects.update(due_at=timezone.now())
    wait_for(lambda: own_redis.client.llen(QUEUE) == 2)


def test_a_relay_killed_before_its_deliveries_are_written_loses_nothing() -> None:
    fill()
    code = "\nwith transaction.atomic(): fan_out(); os.kill(os.getpid(), signal.SIGKILL)"
    assert run_python(code) == KILLED
    assert (Outbox.objects.count(), Delivery.objects.count()) == (1, 0)
    assert fan_out() == 1


def test_a_relay_killed_before_it_sends_loses_nothing() -> None:
    fill()
    fan_out()
    assert run_python("hand_out(lambda queue, ids: os.kill(os.getpid(), signal.SIGKILL))") == KILLED
    sent: list[int] = []
    assert hand_out(lambda queue, ids: sent.extend(ids)) == 0
    Delivery.objects.update(due_at=timezone.now())
    assert hand_out(lambda queue, ids: sent.extend(ids)) == 1
    assert sent == list(Delivery.objects.values_list("pk", flat=True))


def test_a_worker_killed_in_a_handler_leaves_neither_its_effect_nor_its_mark(subscribe: Callable[[str], None]) -> None:
    subscribe("deadly")
    fill()
    fan_out()
    pk = Delivery.objects.get().pk
    code = f"from django.conf import settings; settings.SUBSCRIPTIONS = 'audit.tests.shelves.deadly'; deliver({pk})"
    assert run_python(code) == KILLED
    wait_for(lambda: not others_connected())
    assert not Group.objects.exists()
    assert Delivery.objects.filter(state="pending", attempts=0).count() == 1


def test_one_sweep_by_hand_hands_out_what_waits() -> None:
    fill()
    call_command("relay", "--once")
    assert not Outbox.objects.exists()
    assert handed_out()
