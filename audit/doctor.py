"""The doctor: what must always hold, as SQL that returns no row."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from django.apps import apps
from django.db import connection, transaction
from django.utils.module_loading import autodiscover_modules, import_string, module_has_submodule

from audit.history import Tracked, excluded_fields, history_table

SHOWN_ROWS = 20


@dataclass(frozen=True, slots=True)
class Invariant:
    """One statement that must return no row.

    `when` is `"always"` (at every committed instant) or `"calm"` (once the queues are drained).
    """

    name: str
    when: Literal["always", "calm"]
    says: str
    sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """An invariant that failed, with its first rows."""

    invariant: Invariant
    columns: list[str]
    rows: list[tuple[Any, ...]]


def invariants() -> list[Invariant]:
    """Those each app declares as `INVARIANTS` in its `invariants.py`, and the history's own."""
    autodiscover_modules("invariants")
    declared: list[Invariant] = []
    for app in apps.get_app_configs():
        try:
            declared += import_string(f"{app.name}.invariants.INVARIANTS")
        except ImportError:
            continue
    return declared + [_history_is_current(model) for model in tracked_models()]


def specialists() -> dict[str, Callable[..., int]]:
    """Those each app declares as `SPECIALISTS` in its `doctor.py`: they explain and repair what is theirs.

    Each is called with `sku`, `repair`, `sure` and `write`, and returns how many differences it leaves.
    """
    found: dict[str, Callable[..., int]] = {}
    for app in apps.get_app_configs():
        if module_has_submodule(app.module, "doctor"):
            found |= getattr(import_module(f"{app.name}.doctor"), "SPECIALISTS", {})
    return found


def tracked_models() -> list[type[Tracked]]:
    """Every model with a history, in a stable order."""
    found = [model for model in apps.get_models() if issubclass(model, Tracked)]
    return sorted(found, key=lambda model: model._meta.label)


def _history_is_current(model: type[Tracked]) -> Invariant:
    meta = model._meta
    columns = [f.column for f in meta.concrete_fields if f.name not in excluded_fields(model)]
    live = ", ".join(f't."{column}"' for column in columns)
    kept = ", ".join(f'h."{column}"' for column in columns)
    assert meta.pk is not None
    key = meta.pk.column
    return Invariant(
        name=f"history.{meta.label_lower}",
        when="always",
        says=f"The newest history row of every {meta.verbose_name} equals it, field by field.",
        sql=f"""
            SELECT t."{key}" FROM "{meta.db_table}" t
            LEFT JOIN LATERAL (
                SELECT * FROM "{history_table(model)}" h
                WHERE h."{key}" = t."{key}" ORDER BY history_id DESC LIMIT 1) h ON true
            WHERE h.history_id IS NULL OR h.history_type = '-' OR ROW({live}) IS DISTINCT FROM ROW({kept})
        """,  # noqa: S608  names of our own models
    )


def examine(*, calm: bool = True) -> list[Finding]:
    """Run every invariant (`calm=False`: only those that hold at every instant) and return what failed."""
    findings = (check(invariant) for invariant in invariants() if calm or invariant.when == "always")
    return [finding for finding in findings if finding]


def check(invariant: Invariant) -> Finding | None:
    """Run one invariant; None when it holds."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # it reads whole tables, and nobody waits for it
        cursor.execute(invariant.sql)
        rows = cursor.fetchmany(SHOWN_ROWS)
        return Finding(invariant, [column.name for column in cursor.description], rows) if rows else None
