"""What changed: history rows of every kind in one order, each compared with the one before it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from audit.kinds import Kind, plain, read_row

ACTIONS = {"+": "created", "~": "changed", "-": "deleted"}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a history row stands among all: rows are ordered by these three."""

    at: datetime
    table: str
    history_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which history rows. `kinds` is never empty; `object_ids` are primary keys of its only kind."""

    kinds: Sequence[Kind]
    object_ids: Sequence[Any] | None = None
    actor: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class FieldChange:
    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One history row with what it changed. `key` is the primary key, `object_id` the API's, `label` for people."""

    place: Place
    kind: Kind
    key: str
    object_id: str
    label: str
    action: str
    actor: str
    request_id: str
    currency: str
    changes: list[FieldChange]


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of SQL with its parameters."""

    sql: str
    params: list[Any]


def find_changes(search: Search, *, limit: int, place: Place | None = None, backwards: bool = False) -> list[Change]:
    """Up to `limit` changes, newest first, in two statements whatever the number of tables and rows.

    They follow `place`; `backwards` gives those before it, the nearest first. Each table is read along its index
    of dates (or of its actors, or of one object's rows) from there, no further than `limit` rows.
    """
    places = _places(search, limit, place, backwards)
    found = {change.place: change for change in _rows(search.kinds, places)}
    return [found[each] for each in places]


def _places(search: Search, limit: int, place: Place | None, backwards: bool) -> list[Place]:
    branches = [_branch(kind, search, limit, place, backwards) for kind in search.kinds]
    direction = "ASC" if backwards else "DESC"
    union = " UNION ALL ".join(f"({branch.sql})" for branch in branches)
    order = f'at {direction}, of COLLATE "C" {direction}, id {direction}'
    sql = f"SELECT at, of, id FROM ({union}) found ORDER BY {order} LIMIT {int(limit)}"  # noqa: S608  our own names
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for branch in branches for value in branch.params])
        return [Place(*row) for row in cursor.fetchall()]


def _branch(kind: Kind, search: Search, limit: int, place: Place | None, backwards: bool) -> _Part:
    direction = "ASC" if backwards else "DESC"
    parts = _conditions(kind, search)
    if place is not None:
        parts.append(_beyond(kind.table, place, backwards))
    where = " AND ".join(part.sql for part in parts) or "true"
    sql = f"""
        SELECT h.history_date AS at, '{kind.table}'::text AS of, h.history_id AS id FROM "{kind.table}" h
        WHERE {where} ORDER BY h.history_date {direction}, h.history_id {direction} LIMIT {int(limit)}
    """  # noqa: S608  names of our own models
    return _Part(sql, [value for part in parts for value in part.params])


def _conditions(kind: Kind, search: Search) -> list[_Part]:
    parts = []
    if search.object_ids is not None:
        parts.append(_Part(f'h."{kind.key}" = ANY(%s)', [list(search.object_ids)]))
    if search.actor is not None:
        parts.append(_Part("h.actor = %s", [search.actor]))
    if search.since is not None:
        parts.append(_Part("h.history_date >= %s", [search.since]))
    if search.before is not None:
        parts.append(_Part("h.history_date < %s", [search.before]))
    if search.field is not None:
        column = kind.column(search.field) or ""
        had = f"""CASE h.history_type WHEN '~' THEN %s = ANY(h.changed) ELSE h."{column}" IS NOT NULL END"""
        parts.append(_Part(had, [kind.fields[column].name]))
    return parts


def _beyond(table: str, place: Place, backwards: bool) -> _Part:
    """The rows of one table on the far side of a place, in a form its index of dates can begin at."""
    sign = ">" if backwards else "<"
    if table == place.table:
        return _Part(f"(h.history_date, h.history_id) {sign} (%s, %s)", [place.at, place.history_id])
    # Of rows at the same instant, the table's name decides on which side they are.
    beyond = table > place.table if backwards else table < place.table
    return _Part(f"h.history_date {sign}{'=' if beyond else ''} %s", [place.at])


def _previous(kind: Kind, column: str) -> str:
    return f"""(
        SELECT {column} FROM "{kind.table}" p WHERE p."{kind.key}" = h."{kind.key}" AND p.history_id < h.history_id
        ORDER BY p.history_id DESC LIMIT 1)"""  # noqa: S608  names of our own models


def _rows(known: Iterable[Kind], places: Sequence[Place]) -> Iterable[Change]:
    by_table = {kind.table: kind for kind in known}
    ids: dict[str, list[int]] = defaultdict(list)
    for place in places:
        ids[place.table].append(place.history_id)
    if not ids:
        return []
    union = " UNION ALL ".join(_whole(by_table[table]) for table in ids)
    with connection.cursor() as cursor:
        cursor.execute(union, list(ids.values()))
        return [_change(by_table[table], at, new, old) for table, at, new, old in cursor.fetchall()]


def _whole(kind: Kind) -> str:
    return f"""
        SELECT '{kind.table}', h.history_date, to_jsonb(h)::text, {_previous(kind, "to_jsonb(p)::text")}
        FROM "{kind.table}" h WHERE h.history_id = ANY(%s)
    """  # noqa: S608  names of our own models


def _change(kind: Kind, at: datetime, new_text: str, old_text: str | None) -> Change:
    new = read_row(new_text) or {}
    old = read_row(old_text)
    changes = _compared(kind, new, None) if new["history_type"] == "-" else _compared(kind, old, new)
    return _made(kind, new, Place(at, kind.table, new["history_id"]), changes)


def snapshot(kind: Kind, row: dict[str, Any]) -> Change:
    """A history row in the form of a change, with every field it has as `new`."""
    place = Place(datetime.fromisoformat(row["history_date"]), kind.table, row["history_id"])
    fields = [FieldChange(field.name, None, plain(field, row)) for field in kind.fields.values()]
    return _made(kind, row, place, fields)


def _made(kind: Kind, new: dict[str, Any], place: Place, changes: list[FieldChange]) -> Change:
    return Change(
        place=place,
        kind=kind,
        key=str(new[kind.key]),
        object_id=str(new[kind.public_key]),
        label=kind.label(new),
        action=ACTIONS[new["history_type"]],
        actor=new["actor"],
        request_id=new["request_id"],
        currency=str(new.get("currency", "")),
        changes=changes,
    )


def _compared(kind: Kind, old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[FieldChange]:
    """Fields that differ. Of a new object those that have a value, of a deleted one those that had."""
    changes = []
    for column, field in kind.fields.items():
        before = None if old is None else plain(field, old)
        after = None if new is None else plain(field, new)
        if before != after and column != kind.key:
            changes.append(FieldChange(field.name, before, after))
    return changes
