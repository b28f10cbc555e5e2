"""The sandbox as one ASGI application: each provider at a mount of its own, the knobs, and the pages."""

import asyncio
import contextlib
import os
import signal
import traceback
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

import sandbox.easypost.routes
import sandbox.paypal.routes
import sandbox.stripe.routes
import sandbox.wms.routes
from sandbox import dials, overview
from sandbox.books import Books
from sandbox.calls import Sandbox
from sandbox.config import Config
from sandbox.knobs import BadKnob, Knobs
from sandbox.webhooks import Webhooks

# Each has `routes`, mounted under its name, `install(sandbox)`, called once before anything is served (it registers
# how its webhooks are signed and makes what it needs in `sandbox.config.home`).
PROVIDERS = {
    "stripe": sandbox.stripe.routes,
    "paypal": sandbox.paypal.routes,
    "easypost": sandbox.easypost.routes,
    "wms": sandbox.wms.routes,
}
TICK_SECONDS = 0.5


def make_app(config: Config) -> ASGIApp:
    config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    books = Books(config.books)
    state = Sandbox(config, books, Knobs(books), Webhooks(books, shop_url=config.shop_url))
    for provider in PROVIDERS.values():
        provider.install(state)
    app = Starlette(
        routes=[
            Route("/healthz", healthz),
            *(Mount(f"/{name}", routes=provider.routes) for name, provider in PROVIDERS.items()),
            *dials.routes,
            *overview.routes,
        ],
        exception_handlers={BadKnob: dials.refuse},
        # A shop's page may call from its own origin, as Stripe.js does.
        middleware=[Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])],
        lifespan=delivering,
    )
    app.state.sandbox = state
    return with_transport(app)


async def healthz(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


@contextlib.asynccontextmanager
async def delivering(app: Starlette) -> AsyncIterator[None]:
    """Webhooks go out for as long as calls are taken; what is left then goes out after the next start."""
    state: Sandbox = app.state.sandbox
    tasks = [asyncio.create_task(work) for work in (state.webhooks.deliver(), ticking(state))]
    for task in tasks:
        task.add_done_callback(end_with)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        state.books.close()


async def ticking(state: Sandbox) -> None:
    """Let happen what falls due at the providers as time goes by."""
    while True:
        await asyncio.sleep(TICK_SECONDS)
        sandbox.stripe.routes.tick(state)
        sandbox.wms.routes.tick(state)


def end_with(task: asyncio.Task[None]) -> None:
    """Without deliveries the sandbox would only look alive: whoever watches over it shall start it again."""
    if not task.cancelled() and task.exception():
        traceback.print_exception(task.exception())
        os.kill(os.getpid(), signal.SIGTERM)


def with_transport(app: ASGIApp) -> ASGIApp:
    """Hand on the connection below a call, which ASGI itself does not show, so that it can be cut."""

    async def outermost(scope: Scope, receive: Receive, send: Send) -> None:
        cycle = getattr(send, "__self__", None)
        scope["sandbox.transport"] = getattr(cycle, "transport", None)
        await app(scope, receive, send)

    return outermost
