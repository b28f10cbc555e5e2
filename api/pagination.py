"""Lists: `{results, next, previous}` with an opaque cursor."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, Q
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from api.cursors import Cursor, cursor_link, read_cursor
from kernel.errors import Invalid

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100


def plain_list(results: list[dict[str, Any]]) -> Response:
    """A short list in the form of all lists."""
    return Response({"results": results, "next": None, "previous": None})


class CursorPage(BasePagination):
    """Pages by the values of the last row, so that page 1,000 costs what page 1 costs and new rows shift nothing.

    The view's `ordering_fields` maps the public names to database columns, the first being the default. The columns
    of an order end with one that is unique (`("-price", "id")`); annotated columns must not be null.
    """

    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        self.size = self.get_page_size(request)
        _, self.columns = self.get_ordering(request, view)
        self.cursor = read_cursor(request, self.columns)
        backwards = self.cursor is not None and self.cursor.backwards
        columns = [flipped(column) for column in self.columns] if backwards else self.columns
        if self.cursor is not None:
            queryset = queryset.filter(after(queryset.model, columns, self.cursor.position))
        rows = list(queryset.order_by(*columns)[: self.size + 1])
        more = len(rows) > self.size
        self.page = rows[: self.size][::-1] if backwards else rows[: self.size]
        self.has_next = backwards or more
        self.has_previous = more if backwards else self.cursor is not None
        return self.page

    def get_page_size(self, request: Request) -> int:
        return page_size(request, self.page_size, self.max_page_size)

    def get_ordering(self, request: Request, view: Any) -> tuple[str, Sequence[str]]:
        """The public name of the order asked for, and its columns."""
        allowed: dict[str, tuple[str, ...]] = view.ordering_fields
        asked = request.query_params.get("ordering") or next(iter(allowed))
        if asked not in allowed:
            raise Invalid(f"One of: {', '.join(allowed)}.", field="ordering")
        return asked, allowed[asked]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self.get_next_link(), "previous": self.get_previous_link()})

    def get_next_link(self) -> str | None:
        return self._link(-1, backwards=False) if self.has_next else None

    def get_previous_link(self) -> str | None:
        return self._link(0, backwards=True) if self.has_previous else None

    def _link(self, index: int, *, backwards: bool) -> str:
        # A page emptied by deletions goes on from where it would have begun.
        position = position_of(self.page[index], self.columns) if self.page else self.cursor.position  # type: ignore[union-attr]
        return cursor_link(self.request, Cursor(self.columns, backwards, position))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "nullable": True, "format": "uri"}
        following = link | {"example": "https://shop.example.com/api/v1/products?cursor=cD0yMQ%3D%3D"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": following, "previous": link | {"example": None}},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return page_parameters()


def page_size(request: Request, default: int = PAGE_SIZE, most: int = MAX_PAGE_SIZE) -> int:
    """How many rows the caller wants. Raises `Invalid`."""
    asked = request.query_params.get("page_size")
    if asked is None:
        return default
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 9 and 1 <= int(asked) <= most):
        raise Invalid(f"A whole number from 1 to {most}.", field="page_size")
    return int(asked)


def page_parameters() -> list[dict[str, Any]]:
    """What the OpenAPI document says of every list."""
    size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
    return [
        {
            "name": "cursor",
            "in": "query",
            "required": False,
            "description": "Where the page begins; follow `next` and `previous`.",
            "schema": {"type": "string"},
        },
        {
            "name": "page_size",
            "in": "query",
            "required": False,
            "description": "Rows a page.",
            "schema": size,
        },
    ]


def flipped(column: str) -> str:
    return column.removeprefix("-") if column.startswith("-") else f"-{column}"


def position_of(row: Any, columns: Sequence[str]) -> list[Any]:
    """The row's values in these columns; a row is a model instance or a dict of `values()`."""
    return [_value(row, column.removeprefix("-")) for column in columns]


def _value(row: Any, column: str) -> Any:
    if isinstance(row, dict):
        return row[column]
    for name in column.split("__"):
        row = None if row is None else getattr(row, name)
    return row


def after(model: type[Model], columns: Sequence[str], position: Sequence[Any]) -> Q:
    """The rows that follow `position` in this order, where NULL counts as greater than all, as in PostgreSQL."""
    condition = Q(pk__in=[])
    for column, value in reversed(list(zip(columns, position, strict=True))):
        name = column.removeprefix("-")
        same = Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})
        condition = _beyond(model, column, value) | (same & condition)
    first, value = columns[0], position[0]
    if value is not None and not (is_nullable(model, first) and not first.startswith("-")):
        # Says the same once more, in the form an index on the columns can begin at.
        bound = "lte" if first.startswith("-") else "gte"
        condition &= Q(**{f"{first.removeprefix('-')}__{bound}": value})
    return condition


def _beyond(model: type[Model], column: str, value: Any) -> Q:
    name, descending = column.removeprefix("-"), column.startswith("-")
    if descending:
        return Q(**{f"{name}__isnull": False}) if value is None else Q(**{f"{name}__lt": value})
    if value is None:
        return Q(pk__in=[])
    greater = Q(**{f"{name}__gt": value})
    return greater | Q(**{f"{name}__isnull": True}) if is_nullable(model, column) else greater


def is_nullable(model: type[Model], column: str) -> bool:
    """Whether the column can be NULL, on the way through relations too. An annotation is taken not to be."""
    for name in column.removeprefix("-").split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return False
        if getattr(field, "null", False):
            return True
        model = getattr(field, "related_model", None) or model
    return False
