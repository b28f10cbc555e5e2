"""Which sockets there are, and who may open one from a browser."""

from urllib.parse import urlsplit

from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import validate_host
from django.urls import re_path

from notifications.consumers import OrderConsumer

routes = URLRouter(
    [
        re_path(r"^ws/orders/(?P<number>[A-Za-z0-9-]{1,40})/?$", OrderConsumer.as_asgi()),
        re_path(r"", WebsocketDenier.as_asgi()),
    ]
)


async def sockets(scope, receive, send):  # type: ignore[no-untyped-def]
    """Refuse a browser page of another site. An app sends no Origin, and no cookie opens anything here."""
    origins = [value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"]
    allowed = all(validate_host(urlsplit(origin).hostname or "", settings.SOCKET_ORIGINS) for origin in origins)
    await (routes if allowed else WebsocketDenier.as_asgi())(scope, receive, send)
