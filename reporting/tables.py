"""Reports as CSV: one writer, whose cells no spreadsheet takes for a formula."""

import csv
import io
from typing import Any

from rest_framework.renderers import BaseRenderer

from api.json import dump

# A leading one of these makes a spreadsheet compute the cell (OWASP, "CSV Injection").
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class CsvRenderer(BaseRenderer):
    """Renders the `rows` of a report; a problem document stays JSON."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if not isinstance(data, dict) or "rows" not in data:
            return dump(data)
        return to_csv(data["columns"], data["rows"])


def to_csv(columns: list[str], rows: list[dict[str, Any]]) -> bytes:
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
