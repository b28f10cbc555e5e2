"""Races on real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

R = TypeVar("R")


def at_once(times: int, call: Callable[[int], R]) -> list[R]:
    """Call with 0, 1, 2 … in threads that start together, each on a connection of its own."""
    barrier = Barrier(times)

    def run(number: int) -> R:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))
