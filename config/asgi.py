"""One port for all: HTTP to Django's WSGI handler in a fixed pool of threads, sockets to Channels.

Django's own ASGI handler would give every request a new thread and a new database connection.
"""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

wsgi = get_wsgi_application()  # Django must be set up before anything of ours is imported

from django.conf import settings  # noqa: E402

from config.env import env  # noqa: E402
from config.sockets import sockets  # noqa: E402

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Both speak of the same messages under types of their own.
http: Any = WSGIMiddleware(cast(Any, wsgi), workers=env.int("WAYBILL_WEB_THREADS", default=4))


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Hand each connection to what serves its kind."""
    if scope["type"] == "websocket":
        await sockets(scope, receive, send)
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif any(name == b"transfer-encoding" for name, _ in scope["headers"]):
        await http(*await with_length(scope, receive), send)
    else:
        await http(scope, receive, send)


async def with_length(scope: Message, receive: Receive) -> tuple[Message, Receive]:
    """A chunked body gathered into one of a known length: WSGI reads none without.

    Stops one byte past the limit, where Django's own check of the length refuses it.
    """
    body = b""
    more = True
    while more and len(body) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        message = await receive()
        body += message.get("body", b"")
        more = message["type"] == "http.request" and message.get("more_body", False)
    kept = [(name, value) for name, value in scope["headers"] if name not in {b"transfer-encoding", b"content-length"}]
    length = (b"content-length", str(len(body)).encode())

    async def gathered() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return dict(scope) | {"headers": [*kept, length]}, gathered


async def lifespan(receive: Receive, send: Send) -> None:
    """Nothing to start or stop, but the server waits for the answers."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
