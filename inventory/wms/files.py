"""A WMS that drops files, and picks up ours: CSV in a folder, whose names begin with a number that counts up.

`in/000123-stock.csv` says what lies there (`sku,warehouse,on_hand,as_of`), `in/000124-shipments.csv` what has left
(a row for each line of a package). What is taken over moves to `done/`, what cannot be read to `refused/`. Each request
of ours is a file in `out/`, which keeps its name however often it is written.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any

from inventory.wms.base import (
    PAGE,
    BadNotice,
    BadSignature,
    Notice,
    Page,
    Receipt,
    Request,
    StockFact,
)
from inventory.wms.documents import fact_of, shipment_notice
from inventory.wms.folders import MOST_BYTES, Folder
from kernel.tables import to_csv

IN, OUT, DONE, REFUSED = "in", "out", "done", "refused"
STOCK = frozenset({"sku", "warehouse", "on_hand", "as_of"})
SHIPMENTS = frozenset({"shipment", "order", "warehouse", "shipped_at", "sku", "quantity"})
ADDRESS = (
    *("first_name", "last_name", "company", "line1", "line2"),
    *("city", "region", "postal_code", "country", "phone"),
)
UNITS = ("line", "sku", "quantity", "shipped")
COLUMNS = (
    *("id", "kind", "version", "order", "warehouse", "ship_by", "shipping_method", "shipment", "shipped_at"),
    *(f"ship_to_{name}" for name in ADDRESS),
    *UNITS,
)
Row = dict[str, str]


class Unreadable(Exception):
    """This file says nothing."""


class FilesAdapter:
    """Raises `Away` alone. Its cursor is the name of a file and a number of rows of it that are taken over."""

    def __init__(self, *, name: str, url: str, key_id: str, secrets: tuple[str, ...]) -> None:
        self._folder = Folder(url)
        # Where the last page ended: the file, the rows before, those after.
        self._open: tuple[str, int, Iterator[Row]] | None = None

    def snapshot(self, cursor: str) -> Page:
        return self.changes(cursor)

    def changes(self, cursor: str) -> Page:
        """The next thousand rows, of the file that the cursor names if it is still there."""
        names = self._folder.names(IN)
        wanted, _, text = cursor.rpartition(":")
        name = wanted if wanted in names else next(iter(names), "")
        if not name:
            return Page()
        skip = int(text) if name == wanted and text.isdecimal() else 0
        following = next((f"{other}:0" for other in names if other > name), "")
        try:
            return self._page(name, skip, following)
        except Unreadable as problem:
            return Page(next=following, problem=f"{name}: {problem}", moves=(f"{IN}/{name}", f"{REFUSED}/{name}"))

    def settle(self, page: Page) -> None:
        if page.moves:
            self._folder.move(*page.moves)

    def push(self, request: Request) -> Receipt:
        name = f"{request.number:012}-{request.kind}.csv"
        self._folder.write(f"{OUT}/{name}", _written(request.body))
        return Receipt(reference=name)

    def verify(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        raise BadSignature("This WMS drops files.")

    def _page(self, name: str, skip: int, following: str) -> Page:
        is_of_packages = name.endswith("-shipments.csv")
        rows = self._rows_from(name, skip, SHIPMENTS if is_of_packages else STOCK)
        moves = (f"{IN}/{name}", f"{DONE}/{name}")
        if is_of_packages:
            return Page(next=following, notices=_packages(name, rows), moves=moves)
        facts: list[StockFact] = [fact_of(row) for row in islice(rows, PAGE)]
        if (row := next(rows, None)) is None:
            return Page(facts, next=following, moves=moves)
        self._open = (name, skip + PAGE, chain((row,), rows))
        return Page(facts, next=f"{name}:{skip + PAGE}")

    def _rows_from(self, name: str, skip: int, wanted: frozenset[str]) -> Iterator[Row]:
        """A file is fetched and read once, page by page, unless its run broke off."""
        known, self._open = self._open, None
        if known is not None and known[:2] == (name, skip):
            return known[2]
        return islice(_rows(self._folder.read(f"{IN}/{name}"), wanted), skip, None)


def _rows(content: bytes, wanted: frozenset[str]) -> Iterator[Row]:
    """Rows by the names of the first line, among them all that are wanted. Raises `Unreadable`."""
    if len(content) > MOST_BYTES:
        raise Unreadable("too large")
    try:
        lines = io.StringIO(content.decode("utf-8-sig"), newline="")
    except UnicodeDecodeError as error:
        raise Unreadable("not UTF-8") from error
    rows = csv.DictReader(lines)
    try:
        head = {name.strip() for name in rows.fieldnames or () if name}
    except csv.Error as error:
        raise Unreadable("not CSV") from error
    if not head >= wanted:
        raise Unreadable("columns are missing")
    return _careful(rows)


def _careful(rows: "csv.DictReader[str]") -> Iterator[Row]:
    try:
        for row in rows:
            yield {name.strip(): value or "" for name, value in row.items() if isinstance(name, str)}
    except csv.Error as error:
        raise Unreadable(f"not CSV at line {rows.line_num}") from error


def _packages(name: str, rows: Iterator[Row]) -> list[Notice]:
    """Each package an event of its own, told by the name of the file. Raises `Unreadable`."""
    packages: dict[str, dict[str, Any]] = {}
    for row in rows:
        package = packages.setdefault(row["shipment"], {**row, "lines": []})
        package["lines"].append({"line": row.get("line") or None, "sku": row["sku"], "quantity": row["quantity"]})
    try:
        return [shipment_notice(f"{name}:{reference}"[:200], package) for reference, package in packages.items()]
    except BadNotice as problem:
        raise Unreadable(str(problem)) from problem


def _written(body: Mapping[str, Any]) -> bytes:
    """A row for each line; one without any where nothing is to be sent."""
    address = body.get("ship_to") or {}
    shared = {name: body[name] for name in COLUMNS if body.get(name) is not None}
    shared |= {f"ship_to_{name}": address.get(name, "") for name in ADDRESS}
    lines = body.get("lines") or [{}]
    rows = [dict.fromkeys(COLUMNS, "") | shared | {name: line.get(name, "") for name in UNITS} for line in lines]
    return to_csv(COLUMNS, rows)
