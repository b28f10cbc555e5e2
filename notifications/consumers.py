"""Live tracking of one order.

The first message says who it is, within ten seconds; then comes a snapshot, and another on each change. Hints from
Redis carry a version only: what is shown is read from PostgreSQL, so that a lost hint costs time and nothing else.
"""

import asyncio
import time
from collections import deque
from typing import Any

import structlog
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import Error as DatabaseError

from api.json import dump
from notifications.broadcast import group_of
from notifications.messages import Malformed, Said, read_message
from notifications.watching import NoSuchOrder, NotLetIn, Watch, open_watch, snapshot

# Close codes: 4000 to 4999 are ours (RFC 6455, section 7.4.2), named after the HTTP statuses they resemble.
BAD_MESSAGE, NOT_LET_IN, NO_SUCH_ORDER, TOO_MANY, AWAY = 4400, 4401, 4404, 4429, 4503
MESSAGES, WINDOW_SECONDS = 20, 10.0
logger = structlog.get_logger(__name__)


class OrderConsumer(AsyncWebsocketConsumer):
    """`ws/orders/{number}/`."""

    watch: Watch | None = None
    shown = 0  # the newest version sent
    is_over = False
    clock: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one socket. However it ends, what it held is given back."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self.leave()

    async def leave(self) -> None:
        self.is_over = True
        if self.clock is not None:
            self.clock.cancel()
        if self.watch is not None:
            await self.channel_layer.group_discard(group_of(self.watch.order_id), self.channel_name)

    async def connect(self) -> None:
        self.said_at: deque[float] = deque(maxlen=MESSAGES)
        self.turn = asyncio.Lock()
        await self.accept()
        self.clock = asyncio.create_task(self.keep_time())

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One message of the client. What still comes after we hung up is left unread."""
        if self.is_over:
            return
        if self.is_flood():
            await self.hang_up(TOO_MANY)
            return
        try:
            await self.answer(read_message(text_data))
        except Malformed:
            await self.hang_up(BAD_MESSAGE)
        except NotLetIn:
            await self.hang_up(NOT_LET_IN)
        except NoSuchOrder:
            await self.hang_up(NO_SUCH_ORDER)
        except DatabaseError as error:
            logger.warning("socket_without_database", error=str(error))
            await self.hang_up(AWAY)

    async def hang_up(self, code: int) -> None:
        if not self.is_over:
            self.is_over = True
            await self.close(code)

    def is_flood(self) -> bool:
        """Whether so many messages came in so short a time that nobody types them."""
        now = time.monotonic()
        full = len(self.said_at) == MESSAGES and now - self.said_at[0] < WINDOW_SECONDS
        self.said_at.append(now)
        return full

    async def answer(self, said: Said) -> None:
        if said.token is not None:
            await self.let_in(said.token)
        elif self.watch is None:
            raise NotLetIn
        await self.show(newer_than=self.shown if said.resume is None else said.resume)

    async def let_in(self, token: str) -> None:
        """Start watching, or go on with a fresh access token."""
        number = self.scope["url_route"]["kwargs"]["number"]
        watch = await database_sync_to_async(open_watch)(number, token)
        if self.watch is None:
            # Before the first look: a change in between is told then.
            await self.channel_layer.group_add(group_of(watch.order_id), self.channel_name)
        self.watch = watch

    async def order_changed(self, hint: dict[str, Any]) -> None:
        """A hint from `broadcast.tell_watchers`; late and repeated ones are left out."""
        if hint["version"] > self.shown:
            await self.look_again()

    async def look_again(self) -> None:
        """Show what is new; without the database, at the next look."""
        try:
            await self.show(newer_than=self.shown)
        except DatabaseError as error:
            logger.warning("socket_without_database", error=str(error))

    async def show(self, *, newer_than: int) -> None:
        """Send what there is now, if the client has not got it."""
        assert self.watch is not None
        async with self.turn:
            now = await database_sync_to_async(snapshot)(self.watch.order_id)
            if now["version"] > newer_than and not self.is_over:
                self.shown = max(self.shown, now["version"])
                await self.send(text_data=dump(now).decode())

    async def keep_time(self) -> None:
        """Hang up on who does not say who they are, or may no longer listen; find what a lost hint did not tell."""
        await asyncio.sleep(settings.SOCKET_GREETING_SECONDS)
        if self.watch is None:
            await self.hang_up(NOT_LET_IN)
        while not self.is_over:
            await asyncio.sleep(settings.SOCKET_RECHECK_SECONDS)
            assert self.watch is not None
            try:
                await database_sync_to_async(self.watch.check)()
                await self.show(newer_than=self.shown)
            except NotLetIn:
                await self.hang_up(NOT_LET_IN)
            except NoSuchOrder:
                await self.hang_up(NO_SUCH_ORDER)
            except DatabaseError as error:
                logger.warning("socket_without_database", error=str(error))
            except OSError:
                return  # the client is gone, and its disconnect on the way
