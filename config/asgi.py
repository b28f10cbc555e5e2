"""One port for all: HTTP to Django's WSGI handler in a fixed pool of threads, sockets to Channels.

Django's own ASGI handler would give every request a new thread and a new database connection.
"""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

wsgi = get_wsgi_application()  # Django must be set up before anything of ours is imported

from config.env import env  # noqa: E402
from config.sockets import sockets  # noqa: E402

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

http = WSGIMiddleware(wsgi, workers=env.int("WAYBILL_WEB_THREADS", default=4))


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Hand each connection to what serves its kind."""
    if scope["type"] == "websocket":
        await sockets(scope, receive, send)
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)
    else:
        await http(scope, receive, send)


async def lifespan(receive: Receive, send: Send) -> None:
    """Nothing to start or stop, but the server waits for the answers."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
