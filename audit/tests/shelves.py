"""Facts and handlers for the tests of the log. What a handler does is a group more: that can be counted."""

import os
import signal
import time
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib.auth.models import Group
from django.db import connection

from api.actors import request_id
from audit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfFilled(Event):
    aggregate: ClassVar[str] = "shelf"
    key: ClassVar[str] = "shelf_id"
    shelf_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfEmptied(Event):
    aggregate: ClassVar[str] = "shelf"
    key: ClassVar[str] = "shelf_id"
    shelf_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodyListens(Event):
    aggregate: ClassVar[str] = "shelf"
    key: ClassVar[str] = "shelf_id"
    shelf_id: int


def count_it(event: ShelfFilled) -> None:
    """Slow enough to meet itself."""
    counted = Group.objects.count()
    time.sleep(0.02)
    Group.objects.create(name=f"{event.shelf_id} {counted} {connection.connection.info.backend_pid} {time.time()}")


def note_who(event: ShelfFilled) -> None:
    """Keeps the actor and the request that history rows would carry."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('waybill.actor'), current_setting('waybill.request_id')")
        actor, request = cursor.fetchone()
    Group.objects.create(name=f"{actor} {request} {request_id.get()}")


def fail(event: ShelfEmptied) -> None:
    Group.objects.create(name=f"half done {event.shelf_id}")
    raise ValueError("the shelf\x00 is broken")


def fail_in_the_database(event: ShelfEmptied) -> None:
    Group.objects.create(name="x" * 200)


def die(event: ShelfFilled) -> None:
    Group.objects.create(name="half done")
    os.kill(os.getpid(), signal.SIGKILL)


subscriptions: dict[type[Event], list[Any]] = {
    ShelfFilled: [count_it, note_who],
    ShelfEmptied: [fail, fail_in_the_database],
}
counting: dict[type[Event], list[Any]] = {ShelfFilled: [count_it]}
deadly: dict[type[Event], list[Any]] = {ShelfFilled: [die]}
