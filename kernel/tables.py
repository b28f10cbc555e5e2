"""Tables as CSV: one writer, whose cells no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# A leading one of these makes a spreadsheet compute the cell (OWASP, "CSV Injection").
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """UTF-8 with a heading line (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([harmless(row[name]) for name in columns] for row in rows)
    return text.getvalue().encode()


def harmless(value: Any) -> Any:
    """The cell as it may be opened: a text that looks like a formula gets an apostrophe; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(DANGEROUS) and not _is_number(value):
        return f"'{value}"
    return "" if value is None else value


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()
