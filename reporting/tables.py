"""Reports as CSV."""

from typing import Any

from rest_framework.renderers import BaseRenderer

from api.json import dump
from kernel.tables import to_csv


class CsvRenderer(BaseRenderer):
    """Renders the `rows` of a report; a problem document stays JSON."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if not isinstance(data, dict) or "rows" not in data:
            return dump(data)
        return to_csv(data["columns"], data["rows"])
