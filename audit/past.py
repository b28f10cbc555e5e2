"""Things as they were at an instant, put together from the history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from audit.kinds import Kind, plain, read_row


def as_of(kind: Kind, key: Any, at: datetime) -> dict[str, Any] | None:
    """The object's fields as they were; None when it did not exist then."""
    sql = f"""
        SELECT to_jsonb(h)::text FROM "{kind.table}" h WHERE h."{kind.key}" = %s AND h.history_date <= %s
        ORDER BY h.history_id DESC LIMIT 1
    """  # noqa: S608  names of our own models
    with connection.cursor() as cursor:
        cursor.execute(sql, [key, at])
        found = cursor.fetchone()
    row = read_row(found[0]) if found else None
    return None if row is None or row["history_type"] == "-" else _written(kind, row)


def parts_as_of(parts: Mapping[str, tuple[Kind, str]], key: Any, at: datetime) -> dict[str, list[dict[str, Any]]]:
    """What belonged to the object then, by the name of the part, in one statement.

    `parts` names each kind and its field that points at the object. Rows that were deleted since are not found:
    what is part of a document is kept.
    """
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in parts}
    if not parts:
        return found
    union = " UNION ALL ".join(_part(name, kind, kind.column(field)) for name, (kind, field) in parts.items())
    with connection.cursor() as cursor:
        cursor.execute(f"{union} ORDER BY part, id", [at, key] * len(parts))
        for name, _, text in cursor.fetchall():
            row = read_row(text) or {}
            found[name].append(_written(parts[name][0], row))
    return found


def _part(name: str, kind: Kind, column: str | None) -> str:
    return f"""
        SELECT '{name}' AS part, c."{kind.key}"::text AS id, to_jsonb(h)::text AS row
        FROM "{kind.model._meta.db_table}" c CROSS JOIN LATERAL (
            SELECT * FROM "{kind.table}" h WHERE h."{kind.key}" = c."{kind.key}" AND h.history_date <= %s
            ORDER BY h.history_id DESC LIMIT 1) h
        WHERE c."{column}" = %s AND h.history_type <> '-'
    """  # noqa: S608  names of our own models


def _written(kind: Kind, row: dict[str, Any]) -> dict[str, Any]:
    return {field.name: plain(field, row) for field in kind.fields.values()}
