"""Things as they were at an instant, put together from the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from audit.changes import Change, snapshot
from audit.kinds import Kind, read_row
from audit.references import resolved


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of another kind that belong to an object: those whose `field` points at it."""

    name: str
    kind: Kind
    field: str


def as_of(kind: Kind, key: Any, at: datetime, parts: Sequence[Part] = ()) -> dict[str, Any] | None:
    """The object's fields as they were, with its parts by name; None when it did not exist then.

    Two statements, and one for each model that relations lead to (`audit.references`). Parts that were deleted
    since are not found: what is part of a document is kept.
    """
    row = _row(kind, key, at)
    if row is None or row["history_type"] == "-":
        return None
    found = _parts(parts, key, at)
    fields, *others = resolved([snapshot(kind, row), *(snapshot(part.kind, inner) for part, inner in found)])
    document: dict[str, Any] = _written(fields) | {part.name: [] for part in parts}
    for (part, _), inner in zip(found, others, strict=True):
        document[part.name].append(_written(inner))
    return document


def _row(kind: Kind, key: Any, at: datetime) -> dict[str, Any] | None:
    sql = f"""
        SELECT to_jsonb(h)::text FROM "{kind.table}" h WHERE h."{kind.key}" = %s AND h.history_date <= %s
        ORDER BY h.history_id DESC LIMIT 1
    """  # noqa: S608  names of our own models
    with connection.cursor() as cursor:
        cursor.execute(sql, [key, at])
        found = cursor.fetchone()
    return read_row(found[0]) if found else None


def _parts(parts: Sequence[Part], key: Any, at: datetime) -> list[tuple[Part, dict[str, Any]]]:
    if not parts:
        return []
    by_name = {part.name: part for part in parts}
    union = " UNION ALL ".join(_of_part(part) for part in parts)
    with connection.cursor() as cursor:
        cursor.execute(f"{union} ORDER BY part, at, id", [at, key] * len(parts))
        return [(by_name[name], read_row(text) or {}) for name, _, _, text in cursor.fetchall()]


def _of_part(part: Part) -> str:
    kind = part.kind
    return f"""
        SELECT '{part.name}' AS part, first.history_date AS at, first.history_id AS id, to_jsonb(h)::text AS row
        FROM "{kind.model._meta.db_table}" c
        CROSS JOIN LATERAL (
            SELECT * FROM "{kind.table}" h WHERE h."{kind.key}" = c."{kind.key}" AND h.history_date <= %s
            ORDER BY h.history_id DESC LIMIT 1) h
        CROSS JOIN LATERAL (
            SELECT history_date, history_id FROM "{kind.table}" f WHERE f."{kind.key}" = c."{kind.key}"
            ORDER BY f.history_id LIMIT 1) first
        WHERE c."{kind.column(part.field)}" = %s AND h.history_type <> '-'
    """  # noqa: S608  names of our own models


def _written(change: Change) -> dict[str, Any]:
    return {each.field: each.new for each in change.changes}
