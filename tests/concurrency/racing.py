"""Many at once, each on a connection of its own."""

from collections import Counter
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from django.db import DatabaseError, connection

from api.transactions import sqlstate
from kernel.errors import Refused


def at_once(works: Sequence[Callable[[], Any]], *, threads: int = 16) -> list[Any]:
    """Run all, so many at a time; the answer or the exception of each, in their order."""
    results: list[Any] = [None] * len(works)
    waiting: SimpleQueue[int] = SimpleQueue()
    for index in range(len(works)):
        waiting.put(index)

    def run() -> None:
        try:
            while True:
                index = waiting.get_nowait()
                try:
                    results[index] = works[index]()
                except Exception as error:  # noqa: BLE001  the test looks at what it was
                    results[index] = error
        except Empty:
            pass
        finally:
            connection.close()

    crew = [Thread(target=run) for _ in range(min(threads, len(works)))]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    return results


def outcomes(results: Sequence[object]) -> Counter[str]:
    """How often each came: `done`, the code of a refusal, the SQLSTATE of a database error, the name of a bug."""
    return Counter(_outcome(result) for result in results)


def _outcome(result: object) -> str:
    if isinstance(result, Refused):
        return result.code
    if isinstance(result, DatabaseError):
        return sqlstate(result) or type(result).__name__
    return type(result).__name__ if isinstance(result, Exception) else "done"
