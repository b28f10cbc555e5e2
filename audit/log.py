"""Publishing: a fact is written in the transaction that makes it true; the world is told after commit."""

import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any

import redis
import structlog
from django.conf import settings
from django.db import connection, transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

from api.actors import Actor, request_id
from api.shared_redis import quick_client
from audit.events import Event
from audit.history import ACTOR_LENGTH, REQUEST_ID_LENGTH

NUDGE = "waybill:relay:nudge"
logger = structlog.get_logger(__name__)

# One statement: the next number of the aggregate, the entry, and its place in the outbox. The row of the aggregate
# stays locked until commit, so that its facts are numbered as they commit, without gap or fork.
INSERT = """
    WITH stream AS (
        INSERT INTO audit_stream (aggregate, aggregate_id, last) VALUES (%(aggregate)s, %(aggregate_id)s, 1)
        ON CONFLICT (aggregate, aggregate_id) DO UPDATE SET last = audit_stream.last + 1
        RETURNING last),
    entry AS (
        INSERT INTO audit_logentry
            (uuid, name, aggregate, aggregate_id, sequence, payload, actor, request_id, created_at)
        SELECT %(uuid)s, %(name)s, %(aggregate)s, %(aggregate_id)s, stream.last,
               %(payload)s::jsonb, %(actor)s, %(request_id)s, clock_timestamp()
        FROM stream
        RETURNING id)
    INSERT INTO audit_outbox (entry_id) SELECT id FROM entry RETURNING entry_id
"""
# The same for many aggregates at once, locked in the order of their ids.
INSERT_ALL = """
    WITH told AS (
        SELECT * FROM unnest(%(ids)s::text[], %(uuids)s::uuid[], %(names)s::text[], %(payloads)s::text[])
            AS t (aggregate_id, uuid, name, payload)),
    stream AS (
        INSERT INTO audit_stream (aggregate, aggregate_id, last)
        SELECT %(aggregate)s, aggregate_id, 1 FROM told ORDER BY aggregate_id
        ON CONFLICT (aggregate, aggregate_id) DO UPDATE SET last = audit_stream.last + 1
        RETURNING aggregate_id, last),
    entry AS (
        INSERT INTO audit_logentry
            (uuid, name, aggregate, aggregate_id, sequence, payload, actor, request_id, created_at)
        SELECT told.uuid, told.name, %(aggregate)s, told.aggregate_id, stream.last,
               told.payload::jsonb, %(actor)s, %(request_id)s, clock_timestamp()
        FROM told JOIN stream USING (aggregate_id)
        RETURNING id)
    INSERT INTO audit_outbox (entry_id) SELECT id FROM entry
"""


def publish(event: Event, *, by: Actor) -> int:
    """Write a fact to the log inside the caller's transaction and return the entry's id."""
    if not connection.in_atomic_block:
        raise RuntimeError("A fact belongs to the transaction that makes it true.")
    values = {
        "uuid": str(uuid.uuid4()),
        "name": type(event).__name__,
        "aggregate": event.aggregate,
        "aggregate_id": event.aggregate_id,
        "payload": event.to_json(),
        "actor": str(by)[:ACTOR_LENGTH],
        "request_id": request_id.get()[:REQUEST_ID_LENGTH],
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
        entry_id: int = cursor.fetchone()[0]
    if not any(entry[1] is nudge for entry in connection.run_on_commit):
        transaction.on_commit(nudge, robust=True)
    return entry_id


def publish_all(events: Sequence[Event], *, by: Actor) -> None:
    """Write many facts, each about another aggregate of one kind, by one statement."""
    if not connection.in_atomic_block:
        raise RuntimeError("A fact belongs to the transaction that makes it true.")
    if not events:
        return
    ids = [event.aggregate_id for event in events]
    if len(set(ids)) != len(events) or len({event.aggregate for event in events}) != 1:
        raise ValueError("Facts of one kind, each about another.")
    values: dict[str, Any] = {
        "aggregate": events[0].aggregate,
        "ids": ids,
        "uuids": [str(uuid.uuid4()) for _ in events],
        "names": [type(event).__name__ for event in events],
        "payloads": [event.to_json() for event in events],
        "actor": str(by)[:ACTOR_LENGTH],
        "request_id": request_id.get()[:REQUEST_ID_LENGTH],
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT_ALL, values)
    if not any(entry[1] is nudge for entry in connection.run_on_commit):
        transaction.on_commit(nudge, robust=True)


def nudge() -> None:
    """Wake the relay. Only a hint: its sweep finds the entry without it, so Redis may be away."""
    try:
        with quick_client().pipeline(transaction=False) as pipe:
            pipe.lpush(NUDGE, 1)
            pipe.ltrim(NUDGE, 0, 0)
            pipe.execute()
    except redis.RedisError as error:
        logger.info("relay_not_nudged", error=str(error))


@cache
def waiting_client() -> redis.Redis:
    """The relay's own: it listens longer than any request could wait."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )
