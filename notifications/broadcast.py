"""Waking the sockets that show an order. A hint with a version, never the truth itself."""

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

logger = structlog.get_logger(__name__)


def group_of(order_id: int) -> str:
    """The group of all sockets that watch one order."""
    return f"order.{order_id}"


def tell_watchers(*, order_id: int, version: int) -> None:
    """After commit, tell every socket of the order which version there is now.

    Redis may be away: whoever watches looks again by themselves within a minute.
    """

    def send() -> None:
        hint = {"type": "order.changed", "version": version}
        try:
            async_to_sync(get_channel_layer().group_send)(group_of(order_id), hint)
        except Exception as error:  # noqa: BLE001  a lost hint must not look like a failed handler
            logger.info("watchers_not_told", order=order_id, error=str(error))

    transaction.on_commit(send)
