"""What a WMS says, read with suspicion: whatever cannot be meant becomes None or `BadNotice`."""

from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from inventory.wms.base import PAGE, BadNotice, Notice, StockFact

TEXT = 100
MOST_LINES = 200
LARGEST_UNITS = 10_000_000
LARGEST_ID = 2**63 - 1


def fact_of(row: Any) -> StockFact:
    """One number, whatever the row is."""
    said = row if isinstance(row, dict) else {}
    return StockFact(
        text(said.get("sku")), text(said.get("warehouse"))[:20], whole(said.get("on_hand")), instant(said.get("as_of"))
    )


def text(value: Any) -> str:
    """As a column can hold it."""
    return readable(str(value)).strip()[:TEXT] if isinstance(value, str | int) else ""


def readable(said: str) -> str:
    """Without what a database cannot hold: zeros, and halves of characters."""
    return said.encode(errors="ignore").decode().replace("\x00", "")


def whole(value: Any) -> int | None:
    """A number of units, also as digits; None for anything else, far too large ones included."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    digits = str(value).strip() if isinstance(value, int) or len(value) < 20 else ""
    if not digits.removeprefix("-").isascii() or not digits.removeprefix("-").isdigit():
        return None
    number = int(digits)
    return number if abs(number) < LARGEST_ID else None


def instant(value: Any) -> datetime | None:
    """A moment of RFC 3339. One without a zone says nothing."""
    try:
        found = parse_datetime(value.strip()) if isinstance(value, str) and len(value) < TEXT else None
        return found.astimezone(UTC) if found is not None and found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def notice_of(event_id: str, said: Any) -> Notice | None:
    """An event by its envelope `{type, data}`. None for a type that is of no interest; raises `BadNotice`."""
    if not isinstance(said, dict) or not isinstance(said.get("data"), dict):
        raise BadNotice("An object with type and data is expected.")
    match said.get("type"):
        case "stock":
            return _stock(event_id, said["data"])
        case "shipment":
            return shipment_notice(event_id, said["data"])
        case _:
            return None


def _stock(event_id: str, data: dict[str, Any]) -> Notice:
    items = data.get("items")
    if not isinstance(items, list) or not 0 < len(items) <= PAGE:
        raise BadNotice(f"items: from 1 to {PAGE} numbers.")
    facts = [fact_of(item) for item in items]
    content = {
        "items": [
            {
                "sku": fact.sku,
                "warehouse": fact.warehouse,
                "on_hand": fact.on_hand,
                "as_of": fact.as_of.isoformat() if fact.as_of else None,
            }
            for fact in facts
        ]
    }
    return Notice(event_id, "stock", facts[0].sku if len(facts) == 1 else "stock", content)


def shipment_notice(event_id: str, data: dict[str, Any]) -> Notice:
    """A package that has left. Raises `BadNotice` naming what is missing."""
    content: dict[str, Any] = {
        name: text(data.get(name)) for name in ("shipment", "order", "warehouse", "carrier", "tracking_number")
    }
    shipped_at = instant(data.get("shipped_at"))
    lacking = [name for name in ("shipment", "order", "warehouse") if not content[name]]
    if lacking or shipped_at is None:
        raise BadNotice(f"{', '.join([*lacking, *([] if shipped_at else ['shipped_at'])])}: missing.")
    content["carrier"] = content["carrier"][:50]
    content["shipped_at"] = shipped_at.isoformat()
    content["lines"] = _lines(data.get("lines"))
    return Notice(event_id, "shipment", content["order"], content)


def _lines(rows: Any) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_LINES:
        raise BadNotice(f"lines: from 1 to {MOST_LINES}.")
    lines = []
    for row in rows:
        said = row if isinstance(row, dict) else {}
        line, quantity, sku = whole(said.get("line")), whole(said.get("quantity")), text(said.get("sku"))
        if quantity is None or not 0 < quantity <= LARGEST_UNITS or (line is None and not sku):
            raise BadNotice("lines: each has a line or a SKU, and a quantity from 1.")
        lines.append({"line": line, "sku": sku, "quantity": quantity})
    return lines
