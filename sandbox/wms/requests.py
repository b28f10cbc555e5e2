"""What the shop has asked for: accepted once for each key, picked, shipped, told."""

import time
from typing import Any

from sandbox.calls import Answer, Refused, Sandbox
from sandbox.wms import stock
from sandbox.wms.door import failure
from sandbox.wms.telling import tell

REQUEST, ORDER, SHIPMENT = "wms.request", "wms.order", "wms.shipment"
KINDS = ("fulfil", "hold", "cancel", "shipped")
Document = dict[str, Any]


def take(state: Sandbox, asked: Document, key: str) -> Answer:
    """A key that is known answers as before, whatever is said with it."""
    books = state.books
    known = books.get(REQUEST, key)
    if known is not None:
        books.put(REQUEST, key, known | {"times": known["times"] + 1})
        return Answer(200, {"id": known["name"], "accepted_at": known["accepted_at"], "duplicate": True})
    if not asked.get("order") or not asked.get("warehouse") or asked.get("kind") not in KINDS:
        raise Refused(failure(400, "invalid", "order, warehouse and kind are needed."))
    document = {
        "name": books.next_id("req_", length=12),
        "number": books.count(REQUEST) + 1,
        "accepted_at": stock.now(),
        "times": 1,
        "asked": asked,
    }
    books.put(REQUEST, key, document, parent=asked["order"])
    apply(state, asked)
    return Answer(201, {"id": document["name"], "accepted_at": document["accepted_at"], "duplicate": False})


def apply(state: Sandbox, asked: Document) -> None:
    """The newest request about an order at a warehouse says what is to become of it."""
    name = f"{asked['order']} {asked['warehouse']}"
    work = state.books.get(ORDER, name) or {
        "order": asked["order"],
        "warehouse": asked["warehouse"],
        "state": "shipped",
    }
    work |= {"name": name, "since": time.time()}
    lines = asked.get("lines", [])
    if asked["kind"] == "shipped":
        for line in lines:
            _take_off(state, asked["warehouse"], line["sku"], line["quantity"], told=False)
        work["sent"] = _sent(work, lines)
    else:
        states = {"fulfil": "to pick", "hold": "on hold", "cancel": "cancelled"}
        work |= {"state": states[asked["kind"]], "version": asked.get("version")}
    if asked["kind"] == "fulfil":
        work |= {"lines": _still_to_send(work, lines), "ship_to": asked.get("ship_to", {})}
        if not work["lines"]:
            work["state"] = "shipped"
    state.books.put(ORDER, name, work)


def _sent(work: Document, lines: list[Document]) -> dict[str, int]:
    """Line → units that have left, with these."""
    sent = dict(work.get("sent", {}))
    for line in lines:
        sent[str(line["line"])] = sent.get(str(line["line"]), 0) + line["quantity"]
    return sent


def _still_to_send(work: Document, lines: list[Document]) -> list[Document]:
    """Less what has left without the shop knowing."""
    sent = work.get("sent", {})
    left = [{**line, "quantity": line["quantity"] + line["shipped"] - sent.get(str(line["line"]), 0)} for line in lines]
    return [line for line in left if line["quantity"] > 0]


def ship(state: Sandbox, name: str, *, more: int = 0) -> Document:
    """Pick and ship what is asked of an order (`more` units of the first line than that). Raises `Refused`."""
    work = state.books.get(ORDER, name)
    if work is None or work["state"] != "to pick":
        raise Refused(failure(409, "not_to_pick", "There is nothing to pick."))
    lines = [{**line, "quantity": line["quantity"] + (more if place == 0 else 0)}
             for place, line in enumerate(work["lines"])]  # fmt: skip
    short = [
        line["sku"] for line in lines if stock.on_hand(state.books, work["warehouse"], line["sku"]) < line["quantity"]
    ]
    if short:
        raise Refused(failure(409, "short", f"Not on the shelf: {', '.join(short)}."))
    # When it left: before the stock tells what is left.
    shipped_at = stock.now()
    for line in lines:
        _take_off(state, work["warehouse"], line["sku"], line["quantity"], told=True)
    reference = state.books.next_id("shp_", length=12)
    package = {
        "shipment": reference,
        "order": work["order"],
        "warehouse": work["warehouse"],
        "carrier": "DHL",
        "tracking_number": f"00340434{state.books.count(SHIPMENT) + 1:012}",
        "shipped_at": shipped_at,
        "lines": lines,
    }
    state.books.put(SHIPMENT, reference, package)
    state.books.put(ORDER, name, work | {"state": "shipped", "sent": _sent(work, lines)})
    tell(state, "shipment", package)
    return package


def ship_due(state: Sandbox, seconds: float) -> None:
    """What has waited so long, as far as it lies on the shelf."""
    for work in state.books.list(ORDER):
        if work["state"] == "to pick" and work["since"] <= time.time() - seconds:
            try:
                ship(state, work["name"])
            except Refused:
                continue


def _take_off(state: Sandbox, warehouse: str, sku: str, units: int, *, told: bool) -> None:
    left = max(stock.on_hand(state.books, warehouse, sku) - units, 0)
    row = stock.put(state.books, warehouse, sku, left)
    if told:
        tell(state, "stock", {"items": [row]})
