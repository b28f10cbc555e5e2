"""Lists: `{results, next, previous}` with an opaque cursor."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from kernel.errors import Invalid


class CursorPage(CursorPagination):
    """Pages by position, so that page 1,000 costs what page 1 costs and new rows shift nothing.

    The view's `ordering_fields` maps the public names to database columns; the first is the default.
    """

    page_size = 20
    max_page_size = 100
    page_size_query_param = "page_size"

    def get_page_size(self, request: Request) -> int:
        asked = request.query_params.get("page_size")
        if asked is None:
            return self.page_size
        if not asked.isascii() or not asked.isdigit() or not 1 <= int(asked[:9]) <= self.max_page_size:
            raise Invalid(f"A whole number from 1 to {self.max_page_size}.", field="page_size")
        return int(asked)

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        allowed: dict[str, tuple[str, ...]] = view.ordering_fields
        asked = request.query_params.get("ordering") or next(iter(allowed))
        if asked not in allowed:
            raise Invalid(f"One of: {', '.join(allowed)}.", field="ordering")
        return allowed[asked]

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ValidationError, ValueError) as error:
            raise Invalid("This cursor is not one of ours.", field="cursor") from error

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": link, "previous": link},
        }
