"""The API of the WMS, as docs/wms.md describes it, and its habits."""

import json
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.calls import Answer, Call, Refused, Sandbox, endpoint
from sandbox.dials import body_of
from sandbox.wms import page, requests, stock
from sandbox.wms.door import DOOR, failure, sign
from sandbox.wms.habits import habits_of, set_habits

MOST = 1000


def install(sandbox: Sandbox) -> None:
    """Its shelves are filled once, from SANDBOX_WMS_STOCK: `NORTH:D00001-D00060:25`."""
    config, books = sandbox.config, sandbox.books
    sandbox.webhooks.register("wms", path="/api/v1/webhooks/wms", sign=lambda body: sign(config, body))
    books.connection.executescript(stock.SCHEMA)
    if config.wms_stock and not stock.position(books):
        with books.transaction():
            for warehouse, sku, units in filling(config.wms_stock):
                stock.put(books, warehouse, sku, units)
            set_habits(books, {"ship_seconds": config.wms_ship_seconds})


def filling(text: str) -> list[tuple[str, str, int]]:
    """Shelves by a text: warehouse, first and last SKU, units of each."""
    found = []
    for part in text.split(","):
        warehouse, span, units = part.split(":")
        first, last = span.split("-")
        letter, width = first[0], len(first) - 1
        found += [
            (warehouse, f"{letter}{number:0{width}}", int(units)) for number in range(int(first[1:]), int(last[1:]) + 1)
        ]
    return found


def tick(sandbox: Sandbox) -> None:
    """Let happen what falls due."""
    habits = habits_of(sandbox.books)
    if habits.ship_seconds is None or habits.down:
        return
    with sandbox.books.transaction():
        requests.ship_due(sandbox, habits.ship_seconds)
    sandbox.webhooks.news.set()


def list_stock(call: Call) -> Answer:
    after, limit = asked_for(call)
    rows = stock.page_of(call.books, after, limit)
    more = str(rows[-1][0]) if len(rows) == limit else ""
    return page_answer(call, rows, more, stock.position(call.books))


def list_changes(call: Call) -> Answer:
    after, limit = asked_for(call)
    rows = stock.changes_of(call.books, after, limit)
    position = rows[-1][0] if rows else after
    return page_answer(call, rows, str(position) if len(rows) == limit else "", position)


def page_answer(call: Call, rows: list[tuple[Any, ...]], more: str, position: int) -> Answer:
    items = stock.listed(rows)
    if habits_of(call.books).wrong:
        items = [wrong(place, item) for place, item in enumerate(items)]
    return Answer(200, {"items": items, "next": more, "position": str(position)})


def wrong(place: int, item: dict[str, Any]) -> dict[str, Any]:
    """Nothing left, a million times as much, or no number at all, each as counted this moment."""
    units: Any = (0, item["on_hand"] * 1_000_000 + 50_000, "many")[place % 3]
    return {**item, "on_hand": units, "as_of": stock.now()}


def asked_for(call: Call) -> tuple[int, int]:
    query = {name: values[0] for name, values in parse_qs(call.query).items()}
    cursor, limit = query.get("cursor", "0"), query.get("limit", str(MOST))
    if not (cursor.isdecimal() and limit.isdecimal() and 0 < int(limit) <= MOST):
        raise Refused(failure(400, "invalid", "cursor or limit"))
    return int(cursor), int(limit)


def create_request(call: Call) -> Answer:
    key = call.headers.get("idempotency-key", "")
    try:
        asked = json.loads(call.body)
    except ValueError:
        asked = None
    if not key or not isinstance(asked, dict):
        raise Refused(failure(400, "invalid", "An object and an Idempotency-Key are expected."))
    return requests.take(call.sandbox, asked, key)


async def habits(request: Request) -> Response:
    """POST sets some of them, GET says what they are: for tests and scripts."""
    state: Sandbox = request.app.state.sandbox
    if request.method == "POST":
        set_habits(state.books, await body_of(request))
    return JSONResponse(asdict(habits_of(state.books)))


async def fill(request: Request) -> Response:
    """POST {"items": [{"warehouse", "sku", "on_hand", "as_of"?}]} counts shelves anew; GET shows the books."""
    state: Sandbox = request.app.state.sandbox
    if request.method == "POST":
        body = await body_of(request)
        with state.books.transaction():
            for item in body["items"]:
                stock.put(state.books, item["warehouse"], item["sku"], item["on_hand"], at=item.get("as_of", ""))
        return Response(status_code=204)
    return JSONResponse(
        {
            "stock": stock.listed(stock.page_of(state.books, 0, MOST)),
            **{name: state.books.list(f"wms.{name}")[::-1] for name in ("request", "order", "shipment")},
        }
    )


routes: list[BaseRoute] = [
    Route("/v1/stock", endpoint(DOOR, list_stock), methods=["GET"]),
    Route("/v1/stock/changes", endpoint(DOOR, list_changes), methods=["GET"]),
    Route("/v1/fulfilment-requests", endpoint(DOOR, create_request), methods=["POST"]),
    Route("/habits", habits, methods=["GET", "POST"]),
    Route("/books", fill, methods=["GET", "POST"]),
    *page.routes,
]
