"""Reading a sales ledger: one CSV row per line of an invoice, credit notes with a `C` before their number.

Columns: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country, as in the
"Online Retail" set (D. Chen, UCI Machine Learning Repository, 2015, doi 10.24432/C5BW33).
"""

import csv
import lzma
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import groupby, islice
from pathlib import Path
from zoneinfo import ZoneInfo

COLUMNS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
SHOP_ZONE = ZoneInfo("Europe/London")
CURRENCY = "GBP"
# Goods have codes of five digits, with letters for their variants; the rest is postage, fees and corrections.
GOODS = re.compile(r"\d{5}[A-Z]*")
MAX_UNITS = 1_000_000


class UnreadableFile(Exception):
    """The file is not a sales ledger; the text says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an invoice; `units` is positive on credit notes too."""

    sku: str
    name: str
    units: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice or credit note with the lines that can be used."""

    number: str
    is_credit: bool
    at: datetime
    customer: str
    country: str
    rows: tuple[Row, ...]


def read_invoices(path: Path, skipped: Counter[str], limit: int | None = None) -> Iterator[Invoice]:
    """The first `limit` invoices and credit notes of the file in its order; counts in `skipped` what it leaves out.

    Reads as a stream: memory does not grow with the file. Raises `UnreadableFile`.
    """
    opened = lzma.open if path.suffix == ".xz" else open
    try:
        with opened(path, "rt", encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines)
            if next(reader, None) != COLUMNS:
                raise UnreadableFile(f"{path} does not start with the columns {', '.join(COLUMNS)}.")
            groups = groupby((row for row in reader if _has_all_columns(row, skipped)), key=lambda row: row[0])
            for number, rows in islice(groups, limit):
                invoice = _invoice(number, list(rows), skipped)
                if invoice is not None:
                    yield invoice
    except (OSError, lzma.LZMAError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(f"{path}: {error}") from error


def _has_all_columns(row: list[str], skipped: Counter[str]) -> bool:
    if len(row) == len(COLUMNS):
        return True
    skipped["line: not eight columns"] += 1
    return False


def _invoice(number: str, rows: list[list[str]], skipped: Counter[str]) -> Invoice | None:
    is_credit = number.startswith("C")
    if not (number[1:] if is_credit else number).isdigit():
        skipped["invoice: an adjustment, not a sale"] += 1
        return None
    try:
        at = datetime.strptime(rows[0][4], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHOP_ZONE)
    except ValueError:
        skipped["invoice: no readable date"] += 1
        return None
    usable = tuple(row for raw in rows if (row := _row(raw, is_credit, skipped)) is not None)
    if not usable:
        skipped["invoice: no usable line"] += 1
        return None
    return Invoice(number, is_credit, at, rows[0][6].strip(), rows[0][7].strip(), usable)


def _row(raw: list[str], is_credit: bool, skipped: Counter[str]) -> Row | None:
    sku = raw[1].strip().upper()
    if not GOODS.fullmatch(sku):
        skipped["line: not goods (postage, fees, vouchers, corrections)"] += 1
        return None
    try:
        units = int(raw[3]) * (-1 if is_credit else 1)
        price = Decimal(raw[5])
    except (ValueError, InvalidOperation):
        skipped["line: quantity or price is not a number"] += 1
        return None
    if not 0 < units <= MAX_UNITS:
        skipped["line: a stock correction (quantity of the wrong sign)"] += 1
        return None
    if price <= 0 or price != price.quantize(Decimal("0.01")):
        skipped["line: no price" if price <= 0 else "line: price of less than a penny"] += 1
        return None
    return Row(sku, raw[2].strip(), units, price)
