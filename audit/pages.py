"""Pages of changes, for the API and the back office alike."""

from dataclasses import dataclass
from datetime import datetime

from api.cursors import AnyRequest, Cursor, cursor_link, read_cursor
from audit.changes import Change, Place, Search, find_changes
from audit.references import resolved

ORDER = ("-history_date", "-table", "-history_id")


@dataclass(frozen=True, slots=True)
class Page:
    """Changes, newest first, and the addresses of the older (`next`) and newer (`previous`) ones."""

    changes: list[Change]
    next: str | None
    previous: str | None


def page_of(request: AnyRequest, search: Search, size: int) -> Page:
    """The page of the search that the request's cursor names. Raises `Invalid`."""
    cursor = read_cursor(request, ORDER)
    backwards = cursor is not None and cursor.backwards
    found = find_changes(search, limit=size + 1, place=_place(cursor) if cursor else None, backwards=backwards)
    more = len(found) > size
    page = found[:size][::-1] if backwards else found[:size]
    older, newer = (cursor is not None, more) if backwards else (more, cursor is not None)
    return Page(
        changes=resolved(page),
        next=_link(request, page[-1], backwards=False) if page and older else None,
        previous=_link(request, page[0], backwards=True) if page and newer else None,
    )


def _place(cursor: Cursor) -> Place:
    at, table, history_id = cursor.position
    return Place(datetime.fromisoformat(at), table, history_id)


def _link(request: AnyRequest, change: Change, *, backwards: bool) -> str:
    place = change.place
    return cursor_link(request, Cursor(ORDER, backwards, [place.at, place.table, place.history_id]))
