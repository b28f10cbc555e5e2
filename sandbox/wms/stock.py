"""What lies on the shelves of the WMS: a table of its own, with a counter of changes."""

from datetime import UTC, datetime
from typing import Any

from sandbox.books import Books

SCHEMA = """
CREATE TABLE IF NOT EXISTS wms_stock (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    warehouse TEXT NOT NULL,
    sku TEXT NOT NULL,
    on_hand INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    change INTEGER NOT NULL,
    UNIQUE (warehouse, sku)
);
CREATE INDEX IF NOT EXISTS wms_stock_by_change ON wms_stock (change);
"""
WRITE = """
    INSERT INTO wms_stock (warehouse, sku, on_hand, as_of, change)
    VALUES (?, ?, ?, ?, (SELECT coalesce(max(change), 0) + 1 FROM wms_stock))
    ON CONFLICT (warehouse, sku) DO UPDATE
    SET on_hand = excluded.on_hand, as_of = excluded.as_of, change = excluded.change
"""
COLUMNS = "warehouse, sku, on_hand, as_of"
Row = dict[str, Any]


def now() -> str:
    return datetime.now(UTC).isoformat()


def on_hand(books: Books, warehouse: str, sku: str) -> int:
    rows = books.sql("SELECT on_hand FROM wms_stock WHERE warehouse = ? AND sku = ?", warehouse, sku)
    return int(rows[0][0]) if rows else 0


def put(books: Books, warehouse: str, sku: str, units: int, *, at: str = "") -> Row:
    """Let so many lie there from now on (or as of then)."""
    moment = at or now()
    books.sql(WRITE, warehouse, sku, units, moment)
    return {"warehouse": warehouse, "sku": sku, "on_hand": units, "as_of": moment}


def position(books: Books) -> int:
    return int(books.sql("SELECT coalesce(max(change), 0) FROM wms_stock")[0][0])


def page_of(books: Books, after: int, limit: int) -> list[tuple[Any, ...]]:
    """Rows by place: `(place, warehouse, sku, on_hand, as_of)`."""
    return books.sql(
        f"SELECT place, {COLUMNS} FROM wms_stock WHERE place > ? ORDER BY place LIMIT ?",  # noqa: S608
        *(after, limit),
    )


def changes_of(books: Books, after: int, limit: int) -> list[tuple[Any, ...]]:
    """Rows by change, the newest state of each only: `(change, warehouse, sku, on_hand, as_of)`."""
    return books.sql(
        f"SELECT change, {COLUMNS} FROM wms_stock WHERE change > ? ORDER BY change LIMIT ?",  # noqa: S608
        *(after, limit),
    )


def listed(rows: list[tuple[Any, ...]]) -> list[Row]:
    return [dict(zip(("warehouse", "sku", "on_hand", "as_of"), row[1:], strict=True)) for row in rows]
