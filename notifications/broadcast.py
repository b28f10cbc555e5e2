"""Waking the sockets that show an order. A hint with a version, never the truth itself."""

import asyncio
import os
from functools import cache
from threading import Thread

import structlog
from channels.layers import get_channel_layer
from django.db import transaction

SECONDS_FOR_A_HINT = 2
logger = structlog.get_logger(__name__)


def group_of(order_id: int) -> str:
    """The group of all sockets that watch one order."""
    return f"order.{order_id}"


def tell_watchers(*, order_id: int, version: int) -> None:
    """After commit, tell every socket of the order which version there is now.

    Redis may be away: whoever watches looks again by themselves within a minute.
    """

    def send() -> None:
        hint = get_channel_layer().group_send(group_of(order_id), {"type": "order.changed", "version": version})
        try:
            asyncio.run_coroutine_threadsafe(hint, _loop_of(os.getpid())).result(SECONDS_FOR_A_HINT)
        except Exception as error:  # noqa: BLE001  a lost hint must not look like a failed handler
            logger.info("watchers_not_told", order=order_id, error=repr(error))

    transaction.on_commit(send)


@cache
def _loop_of(process: int) -> asyncio.AbstractEventLoop:
    """One event loop a process, in a thread of its own, so that its connection to Redis lasts.

    A loop for every hint would connect for every hint: ten times the cost. Keyed by process, since workers fork.
    """
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, name="hints", daemon=True).start()
    return loop
