from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from api import transactions
from api.tests.at_once import at_once
from api.transactions import retrying
from kernel.errors import Busy


def failing(times: int, state: type[psycopg.Error]) -> tuple[Any, list[int]]:
    tries: list[int] = []

    def work() -> str:
        tries.append(1)
        if len(tries) <= times:
            raise OperationalError from state()
        return "done"

    return work, tries


@pytest.mark.parametrize(
    "state",
    [psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable],
)
def test_what_postgresql_gave_up_is_done_again(state: type[psycopg.Error]) -> None:
    work, tries = failing(2, state)
    assert (retrying(work), len(tries)) == ("done", 3)


def test_after_three_times_it_is_busy() -> None:
    work, tries = failing(3, psycopg.errors.DeadlockDetected)
    with pytest.raises(Busy):
        retrying(work)
    assert len(tries) == transactions.ATTEMPTS == 3


def test_any_other_error_is_not_tried_again() -> None:
    work, tries = failing(1, psycopg.errors.AdminShutdown)
    with pytest.raises(OperationalError):
        retrying(work)
    assert len(tries) == 1


@pytest.mark.django_db(transaction=True)
def test_a_real_deadlock_is_resolved() -> None:
    locks = [(1, 2), (2, 1)]

    def take(number: int) -> str:
        def work() -> str:
            with transaction.atomic(), connection.cursor() as cursor:
                for key in locks[number]:
                    cursor.execute("SELECT pg_advisory_xact_lock(%s), pg_sleep(0.2)", [key])
            return "done"

        return retrying(work)

    assert at_once(2, take) == ["done", "done"]
