"""Webhooks: queued in the books with the fact they tell, signed and delivered until the shop has taken them."""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import orjson
import urllib3

from sandbox.books import Books
from sandbox.knobs import BadKnob

SCHEMA = """
CREATE TABLE IF NOT EXISTS webhooks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER
);
"""
INDEX = "CREATE INDEX IF NOT EXISTS webhooks_due ON webhooks (state, due_at, number)"
# queued: will be sent; held: waits for a flush; never: lost on purpose; delivered: the shop said 2xx.
STATES = ("queued", "held", "never", "delivered")
TIMEOUT_SECONDS = 10
MOST_AT_ONCE = 50
CONNECTIONS = urllib3.PoolManager(maxsize=MOST_AT_ONCE, timeout=TIMEOUT_SECONDS, retries=False)
LONGEST_PAUSE_SECONDS = 60.0
GLANCE_SECONDS = 1.0
KIND = "webhook settings"
READ_AHEAD = 200

Row = tuple[Any, ...]
Sign = Callable[[bytes], Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How events are sent: `copies` of each, `shuffle`d, after `delay` seconds, `never`, with a second event for the
    same fact (`twice`), or kept until they are flushed (`hold`); so many at once (`concurrency`)."""

    copies: int = 1
    shuffle: bool = False
    delay: float = 0.0
    never: bool = False
    twice: bool = False
    hold: bool = False
    concurrency: int = 4

    def __post_init__(self) -> None:
        if not (whole(self.copies, 1, 5) and whole(self.concurrency, 1, MOST_AT_ONCE)):
            raise BadKnob(f"copies is a number from 1 to 5, concurrency from 1 to {MOST_AT_ONCE}")
        if not isinstance(self.delay, int | float) or self.delay < 0:
            raise BadKnob("delay is a number of seconds")
        if not all(isinstance(switch, bool) for switch in (self.shuffle, self.never, self.twice, self.hold)):
            raise BadKnob("shuffle, never, twice and hold are true or false")


def whole(number: object, least: int, most: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and least <= number <= most


@dataclass(frozen=True)
class Sender:
    """Where a provider's events go, and how it signs them: raw body in, headers out."""

    path: str
    sign: Sign


class Webhooks:
    """`register` once per provider, then `send` inside the transaction that makes the event true."""

    def __init__(self, books: Books, *, shop_url: str) -> None:
        self.books = books
        self.shop_url = shop_url
        self.senders: dict[str, Sender] = {}
        self.in_flight: set[int] = set()
        self.read_ahead: deque[Row] = deque()
        self.news = asyncio.Event()
        books.connection.executescript(SCHEMA + INDEX)
        self.habits = Habits(**(books.get(KIND, "") or {}))

    def register(self, provider: str, *, path: str, sign: Sign) -> None:
        """`path` is the shop's, as in "/api/v1/webhooks/stripe"."""
        self.senders[provider] = Sender(path, sign)

    def send(self, provider: str, event: dict[str, Any], *, delay: float = 0.0) -> None:
        """Keep the event in the provider's book (kind "<provider>.event") and queue it for the shop.

        `event["id"]` tells events apart; its type is `event["type"]` or PayPal's `event["event_type"]`.
        `delay`: seconds beside those of the habits.
        """
        for told in [event, again(event)] if self.habits.twice else [event]:
            self.books.put(f"{provider}.event", told["id"], told)
            for _ in range(self.habits.copies):
                self._queue(provider, told, delay)

    def set(self, wanted: Mapping[str, Any]) -> Habits:
        """The body of POST /knobs/webhooks, over the defaults. Raises BadKnob."""
        try:
            self.habits = Habits(**wanted)
        except TypeError as error:
            raise BadKnob(str(error)) from None
        self.books.put(KIND, "", asdict(self.habits))
        return self.habits

    def flush(self, *, shuffle: bool, copies: tuple[int, int], seed: int | None, concurrency: int) -> int:
        """Queue what is held, each from `copies[0]` to `copies[1]` times; how many will be sent. Raises BadKnob."""
        if not all(whole(number, 1, 5) for number in copies) or copies[0] > copies[1]:
            raise BadKnob("copies are two numbers from 1 to 5, the smaller one first")
        chance = random.Random(seed)  # noqa: S311  a die, not a secret
        with self.books.transaction():
            held = [row[0] for row in self.books.sql("SELECT number FROM webhooks WHERE state = 'held'")]
            numbers = [number for number in held for _ in range(chance.randint(*copies))]
            if shuffle:
                chance.shuffle(numbers)
            now = time.time()
            for number in numbers:
                self.books.sql(
                    "INSERT INTO webhooks (provider, event_id, type, body, state, due_at)"
                    " SELECT provider, event_id, type, body, 'queued', ? FROM webhooks WHERE number = ?",
                    *(now, number),
                )
            self.books.sql("DELETE FROM webhooks WHERE state = 'held'")
            self.set({**asdict(self.habits), "hold": False, "concurrency": concurrency})
        self.news.set()
        return len(numbers)

    def counts(self) -> dict[str, int]:
        """How many are in each state; `failing` of the queued were refused by the shop at least once."""
        found = dict(self.books.sql("SELECT state, count(*) FROM webhooks GROUP BY state"))
        failing = self.books.sql("SELECT count(*) FROM webhooks WHERE state = 'queued' AND attempts > 0")[0][0]
        return {**{state: found.get(state, 0) for state in STATES}, "failing": failing}

    def latest(self, limit: int) -> list[dict[str, Any]]:
        columns = ("number", "provider", "event_id", "type", "state", "due_at", "attempts", "last_status")
        rows = self.books.sql(
            f"SELECT {', '.join(columns)} FROM webhooks ORDER BY number DESC LIMIT ?",  # noqa: S608
            limit,
        )
        return [dict(zip(columns, row, strict=True)) for row in rows]

    async def deliver(self) -> None:
        """Send what is due, for ever."""
        # Threads: the asynchronous clients take several times as long for a request.
        threads = ThreadPoolExecutor(MOST_AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    self.news.clear()
                    for row in self._due(self._room()):
                        self.in_flight.add(row[0])
                        group.create_task(self._deliver(threads, *row))
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self.news.wait(), self._pause())
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

    def _room(self) -> int:
        return max(0, min(self.habits.concurrency, MOST_AT_ONCE) - len(self.in_flight))

    def _queue(self, provider: str, event: dict[str, Any], delay: float) -> None:
        habits = self.habits
        state = "never" if habits.never else "held" if habits.hold or not self.shop_url else "queued"
        due_at = time.time() + delay + habits.delay + (random.random() if habits.shuffle else 0)  # noqa: S311
        self.books.sql(
            "INSERT INTO webhooks (provider, event_id, type, body, state, due_at) VALUES (?, ?, ?, ?, ?, ?)",
            *(provider, event["id"], event.get("type") or event.get("event_type") or ""),
            *(orjson.dumps(event).decode(), state, due_at),
        )

    def _due(self, room: int) -> list[Row]:
        """The next to send; read from the books many at a time, since each is a statement."""
        if room > len(self.read_ahead):
            known = self.in_flight | {row[0] for row in self.read_ahead}
            rows = self.books.sql(
                "SELECT number, provider, body, attempts FROM webhooks WHERE state = 'queued' AND due_at <= ?"
                " ORDER BY due_at, number LIMIT ?",
                *(time.time(), READ_AHEAD + len(known)),
            )
            self.read_ahead.extend(row for row in rows if row[0] not in known)
        return [self.read_ahead.popleft() for _ in range(min(room, len(self.read_ahead)))]

    def _pause(self) -> float:
        """Until the next is due, or a while; what ends or comes meanwhile wakes earlier."""
        if not self._room():
            return GLANCE_SECONDS
        waiting = self.books.sql(
            "SELECT due_at FROM webhooks WHERE state = 'queued' ORDER BY due_at, number LIMIT ?",
            len(self.in_flight) + 1,
        )
        if len(waiting) <= len(self.in_flight):
            return GLANCE_SECONDS
        return min(GLANCE_SECONDS, max(0.001, waiting[-1][0] - time.time()))

    async def _deliver(self, threads: Executor, number: int, provider: str, text: str, attempts: int) -> None:
        sender, body = self.senders[provider], text.encode()
        loop = asyncio.get_running_loop()
        status = await loop.run_in_executor(threads, post, self.shop_url + sender.path, body, sender.sign)
        is_taken = 200 <= status < 300
        pause = 0.0 if is_taken else min(LONGEST_PAUSE_SECONDS, 2.0**attempts)
        self.books.sql(
            "UPDATE webhooks SET state = ?, attempts = ?, last_status = ?, due_at = ? WHERE number = ?",
            *("delivered" if is_taken else "queued", attempts + 1, status, time.time() + pause, number),
        )
        self.in_flight.discard(number)
        self.news.set()


def post(url: str, body: bytes, sign: Sign) -> int:
    """Send one; the status of the answer, 0 without one."""
    headers = {"Content-Type": "application/json", **sign(body)}
    try:
        return CONNECTIONS.request("POST", url, body=body, headers=headers).status
    except urllib3.exceptions.HTTPError:
        return 0


def again(event: dict[str, Any]) -> dict[str, Any]:
    """A second event that tells the same fact, under an id of its own."""
    return {**event, "id": f"{event['id']}again"}
