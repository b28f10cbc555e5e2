"""What happens around every call to a provider's API: knobs, idempotency keys, one transaction, events sent after.

A provider describes itself by a `Door`; its handlers are plain functions `Call -> Answer` that run inside one
transaction of the books, and may raise `Refused` to undo what they did:

    routes = [Route("/v1/things", endpoint(DOOR, create_thing), methods=["POST"])]
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
from starlette.requests import Request
from starlette.responses import Response

from sandbox.books import Books
from sandbox.config import Config
from sandbox.knobs import Knob, Knobs
from sandbox.webhooks import Webhooks

# What a call can meet before or instead of its handler: 429, 500, 503, a key whose first call still runs, and a key
# that was used for another request.
Trouble = Literal["rate_limited", "broken", "unavailable", "key_in_use", "key_reused"]
TROUBLE_OF: dict[str, Trouble] = {"rate_limit": "rate_limited", "unavailable": "unavailable"}


@dataclass(frozen=True)
class Sandbox:
    """Everything a handler needs; `request.app.state.sandbox` in a page."""

    config: Config
    books: Books
    knobs: Knobs
    webhooks: Webhooks
    keys_in_use: set[str] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request. `path` is below the provider's mount ("/v1/refunds"), `ids` are the parameters of the route."""

    sandbox: Sandbox
    method: str
    path: str
    ids: Mapping[str, str]
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def books(self) -> Books:
        return self.sandbox.books

    @property
    def config(self) -> Config:
        return self.sandbox.config


@dataclass(frozen=True)
class Answer:
    """`body` becomes JSON, None is empty. `is_kept`: whether the call's key repeats it."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_kept: bool = True


class Refused(Exception):
    """The handler says no: what it wrote is undone, and this is the answer."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(f"{answer.status} {orjson.dumps(answer.body).decode()}")


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, kw_only=True)
class Door:
    """How one provider behaves around its calls.

    `guard` raises `Refused` for a wrong key; `trouble` words an error; `key` is the text under which the answer is
    kept ("" for none), `replayed` the headers of an answer that is given again.
    """

    provider: str
    guard: Callable[[Call], None]
    trouble: Callable[[Trouble], Answer]
    key: Callable[[Call], str]
    key_seconds: float
    replayed: Mapping[str, str] = field(default_factory=dict)


def endpoint(door: Door, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """A route's endpoint that serves `handler` as `door` says."""

    async def serve(request: Request) -> Response:
        call = await read(request)
        knob = call.sandbox.knobs.draw(door.provider, call.method, call.path)
        effect = knob.effect if knob else ""
        answer = await answer_to(call, door=door, handler=handler, knob=knob)
        if effect == "drop_answer":
            await hang_up(request)
        headers = {"Request-Id": call.sandbox.books.next_id("req_", length=14), **answer.headers}
        content = b"" if answer.body is None else orjson.dumps(answer.body)
        return Response(content, answer.status, headers, media_type="application/json" if content else None)

    return serve


async def read(request: Request) -> Call:
    mount, path = request.scope.get("root_path", ""), request.scope["path"]
    return Call(
        sandbox=request.app.state.sandbox,
        method=request.method,
        path=path.removeprefix(mount),
        ids=request.path_params,
        query=request.url.query,
        headers=request.headers,
        body=await request.body(),
    )


async def answer_to(call: Call, *, door: Door, handler: Handler, knob: Knob | None) -> Answer:
    """The answer, with whatever the knob does to it on the way."""
    effect = knob.effect if knob else ""
    if effect in TROUBLE_OF:
        return door.trouble(TROUBLE_OF[effect])
    key = f"{door.provider} {found}" if (found := door.key(call)) else ""
    if key in call.sandbox.keys_in_use:
        return door.trouble("key_in_use")
    if key:
        call.sandbox.keys_in_use.add(key)
    try:
        if knob and effect == "delay":
            await asyncio.sleep(knob.seconds)
        answer = once(call, key=key, door=door, handler=handler, effect=effect)
        call.sandbox.webhooks.news.set()
        if knob and effect == "delay_answer":
            await asyncio.sleep(knob.seconds)
        return answer
    finally:
        call.sandbox.keys_in_use.discard(key)


def once(call: Call, *, key: str, door: Door, handler: Handler, effect: str) -> Answer:
    """Run the handler unless its key has an answer already; effect, events and kept answer are one transaction."""
    books = call.books
    with books.transaction():
        try:
            door.guard(call)
        except Refused as refusal:
            return refusal.answer
        kept = kept_answer(call, key=key, door=door) if key else None
        if kept:
            return kept
        answer = door.trouble("broken") if effect == "error_before" else outcome(call, handler)
        if effect == "error_after":
            answer = door.trouble("broken")
        if key and answer.is_kept:
            document = {"request": fingerprint(call), "status": answer.status, "body": answer.body}
            books.delete("kept answer", key)
            books.put("kept answer", key, {**document, "created": time.time()})
    return answer


def kept_answer(call: Call, *, key: str, door: Door) -> Answer | None:
    kept = call.books.get("kept answer", key)
    if not kept or kept["created"] < time.time() - door.key_seconds:
        return None
    if kept["request"] != fingerprint(call):
        return door.trouble("key_reused")
    return Answer(kept["status"], kept["body"], door.replayed)


def outcome(call: Call, handler: Handler) -> Answer:
    try:
        with call.books.transaction():
            return handler(call)
    except Refused as refusal:
        return refusal.answer


def fingerprint(call: Call) -> str:
    return hashlib.sha256(f"{call.method} {call.path}?{call.query}\n".encode() + call.body).hexdigest()


async def hang_up(request: Request) -> None:
    """Close the connection without a word: uvicorn keeps the transport of a call where `send` belongs."""
    request.scope["sandbox.transport"].close()
    # The server learns of the closed connection in the loop's next rounds, and then lets the answer go nowhere.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
