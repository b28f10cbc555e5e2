"""What is in the tables of our apps, and what a call would do to it."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, transaction

Key = tuple[str, str]
# Rows as the database writes them, by table and key; and those that changed, read.
Dump = dict[Key, str]
Rows = dict[Key, dict[str, Any]]

OURS = frozenset(
    {"accounts", "audit", "catalog", "inventory", "notifications", "orders", "payments", "reporting"},
)
# When a credential was last shown is noted also on what is refused.
NOTED = frozenset({"last_used_at"})
TIME_OF_DAY = re.compile(r"(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")


@cache
def tables() -> dict[str, str]:
    """The key of each table of our apps. The history repeats what is in them."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in OURS]
    return {
        model._meta.db_table: str(model._meta.pk.column)
        for model in models
        if model._meta.managed and not hasattr(model, "history_date") and not model.__name__.startswith("Historical")
    }


def dump() -> Dump:
    """Every row by table and key."""
    parts = [
        f"SELECT '{table}', t.\"{key}\"::text, to_jsonb(t)::text FROM {table} AS t" for table, key in tables().items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        found = cursor.fetchall()
    return {(table, key): text for table, key, text in found}


def changed(before: Dump, after: Dump) -> Rows:
    """New and changed rows as they are now, removed ones empty, times as dates; new ones by rank: keys may vary."""
    changes: Rows = {key: {} for key in before.keys() - after.keys()}
    ranks: Counter[str] = Counter()
    touched = {key: text for key, text in after.items() if before.get(key) != text}
    for (table, key), text in sorted(touched.items(), key=lambda item: (item[0][0], len(item[0][1]), item[0][1])):
        row, known = _read(text), before.get((table, key))
        if known is None:
            ranks[table] += 1
            changes[(table, f"new {ranks[table]}")] = row
        elif row != _read(known):
            changes[(table, key)] = row
    return changes


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens within is undone, and the sequences count from where they were."""
    counters = _sequences()
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        _set_sequences(counters)


def tried(act: Callable[[], Any], before: Dump) -> tuple[Any, Rows]:
    """The answer of a call, and the rows it changed; then it is undone."""
    with undone():
        answer = act()
        return answer, changed(before, dump())


def _read(text: str) -> dict[str, Any]:
    row = json.loads(TIME_OF_DAY.sub(r"\1", text))
    return {name: value for name, value in row.items() if name not in NOTED}


def _sequences() -> list[tuple[str, int | None]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences ORDER BY 1")
        return list(cursor.fetchall())


def _set_sequences(counters: list[tuple[str, int | None]]) -> None:
    parts = [f"setval('{name}', {last or 1}, {'false' if last is None else 'true'})" for name, last in counters]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}")
