"""Running a whole transaction again when PostgreSQL gave it up."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError

from kernel.errors import Busy

R = TypeVar("R")

ATTEMPTS = 3
# serialization_failure, deadlock_detected, lock_not_available: the transaction did nothing, so it may run again.
RETRIABLE = frozenset({"40001", "40P01", "55P03"})


def retrying(work: Callable[[], R]) -> R:
    """Run `work`, an outermost transaction, up to three times. Raises `Busy` when that did not help."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return work()
        except OperationalError as error:
            if sqlstate(error) not in RETRIABLE:
                raise
            if attempt == ATTEMPTS:
                raise Busy() from error
            time.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311  jitter, not a secret
    raise AssertionError("unreachable")


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE of a database error wrapped by Django, e.g. `"40P01"`."""
    return getattr(error.__cause__, "sqlstate", None)


def constraint_name(error: BaseException) -> str | None:
    """The name of the constraint that refused a row."""
    diag = getattr(error.__cause__, "diag", None)
    return getattr(diag, "constraint_name", None)
