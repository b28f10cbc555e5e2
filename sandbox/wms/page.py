"""The page of the WMS: shelves, requests, events, and buttons for what its people and its faults may do."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.calls import Refused, Sandbox
from sandbox.knobs import BadKnob
from sandbox.pages import page
from sandbox.wms import requests, stock
from sandbox.wms.habits import SWITCHES, habits_of, set_habits
from sandbox.wms.telling import tell

HERE = "/wms/"
SHOWN = 50
MOST_UNITS = 10_000_000
Form = dict[str, str]


async def overview(request: Request) -> Response:
    state: Sandbox = request.app.state.sandbox
    books = state.books
    return page(
        "wms.html",
        stock=stock.listed(stock.page_of(books, 0, 200)),
        work=books.list(requests.ORDER, limit=SHOWN),
        requests=books.list(requests.REQUEST, limit=SHOWN),
        shipments=books.list(requests.SHIPMENT, limit=SHOWN),
        events=[row for row in state.webhooks.latest(200) if row["provider"] == "wms"][:SHOWN],
        habits=asdict(habits_of(books)),
        switches=SWITCHES,
        shop_url=state.config.shop_url,
        problem=request.query_params.get("problem", ""),
    )


def ship_now(state: Sandbox, form: Form) -> None:
    requests.ship(state, form["name"], more=units_of(form, "more", least=0))


def receive(state: Sandbox, form: Form) -> None:
    """Goods come in: so many more lie there."""
    had = stock.on_hand(state.books, form["warehouse"], form["sku"])
    row = stock.put(state.books, form["warehouse"], form["sku"], had + units_of(form, "units", least=1))
    tell(state, "stock", {"items": [row]})


def lose(state: Sandbox, form: Form) -> None:
    """A count finds the shelf empty."""
    row = stock.put(state.books, form["warehouse"], form["sku"], 0)
    tell(state, "stock", {"items": [row]})


def behave(state: Sandbox, form: Form) -> None:
    wanted: dict[str, Any] = {name: name in form for name in SWITCHES}
    try:
        wanted |= {
            "late": float(form.get("late") or 0),
            "ship_seconds": float(form["ship_seconds"]) if form.get("ship_seconds") else None,
        }
    except ValueError as error:
        raise BadKnob(str(error)) from None
    set_habits(state.books, wanted)


def units_of(form: Form, name: str, *, least: int) -> int:
    text = form.get(name) or str(least)
    if not text.isdecimal() or not least <= int(text) <= MOST_UNITS:
        raise BadKnob(f"{name} is a number from {least}")
    return int(text)


def action(do: Callable[[Sandbox, Form], None]) -> Callable[[Request], Any]:
    """A form's endpoint: it does one thing and leads back to the page, which says why if it could not be done."""

    async def serve(request: Request) -> Response:
        state: Sandbox = request.app.state.sandbox
        form = dict(parse_qsl((await request.body()).decode()))
        problem = ""
        try:
            with state.books.transaction():
                do(state, form)
        except (Refused, BadKnob, KeyError) as refusal:
            problem = str(refusal)
        state.webhooks.news.set()
        return RedirectResponse(f"{HERE}?{urlencode({'problem': problem})}" if problem else HERE, 303)

    return serve


ACTIONS = {"ship": ship_now, "receive": receive, "lose": lose, "habits": behave}
routes: list[BaseRoute] = [
    Route("/", overview, name="wms"),
    *(Route(f"/do/{name}", action(do), methods=["POST"]) for name, do in ACTIONS.items()),
]
