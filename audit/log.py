"""Publishing: a fact is written in the transaction that makes it true; the world is told after commit."""

import uuid

import redis
import structlog
from django.conf import settings
from django.db import connection, transaction

from api.actors import Actor, request_id
from audit.events import Event

NUDGE = "waybill:relay:nudge"
logger = structlog.get_logger(__name__)

# One statement: the next sequence of the aggregate, the entry, and its place in the outbox.
INSERT = """
    WITH entry AS (
        INSERT INTO audit_logentry
            (uuid, name, aggregate, aggregate_id, sequence, payload, actor, request_id, created_at)
        SELECT %(uuid)s, %(name)s, %(aggregate)s, %(aggregate_id)s, coalesce(max(sequence), 0) + 1,
               %(payload)s::jsonb, %(actor)s, %(request_id)s, clock_timestamp()
        FROM audit_logentry WHERE aggregate = %(aggregate)s AND aggregate_id = %(aggregate_id)s
        RETURNING id)
    INSERT INTO audit_outbox (entry_id) SELECT id FROM entry RETURNING entry_id
"""


def publish(event: Event, *, by: Actor) -> int:
    """Write a fact to the log inside the caller's transaction and return the entry's id.

    The caller holds the lock of the event's aggregate: that is what keeps its sequence without gap or fork.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A fact belongs to the transaction that makes it true.")
    values = {
        "uuid": uuid.uuid4(),
        "name": type(event).__name__,
        "aggregate": event.aggregate,
        "aggregate_id": event.aggregate_id,
        "payload": event.to_json(),
        "actor": str(by),
        "request_id": request_id.get(),
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
        entry_id: int = cursor.fetchone()[0]
    transaction.on_commit(nudge, robust=True)
    return entry_id


def nudge() -> None:
    """Wake the relay. Only a hint: its sweep finds the entry without it, so Redis may be away."""
    try:
        nudge_client().lpush(NUDGE, 1)
        nudge_client().ltrim(NUDGE, 0, 0)
    except redis.RedisError as error:
        logger.info("relay_not_nudged", error=str(error))


_client: redis.Redis | None = None


def nudge_client() -> redis.Redis:
    """One client a process, with time limits short enough for a request to bear."""
    global _client  # noqa: PLW0603  a connection pool is per process
    if _client is None:
        _client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.2)
    return _client
