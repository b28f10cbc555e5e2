"""The sweep: one statement that opens a row for every cause there is, and closes those whose cause is gone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from api.actors import Actor
from audit.exceptions.kinds import ExceptionKind, due_after
from audit.verbs import verb

GONE = "The cause is gone."
# A row that somebody has resolved stands for its cause until `again`; then the cause gets a new one.
STATEMENT = """
    WITH found AS MATERIALIZED (
        SELECT DISTINCT ON (kind, subject_type, subject_id)
               kind, subject_type, subject_id, left(label, 200) AS label, left(detail, 500) AS detail, warehouses
        FROM ({sources}) AS causes (kind, subject_type, subject_id, label, detail, warehouses)
        ORDER BY kind, subject_type, subject_id),
    raised AS (
        INSERT INTO audit_exceptioncase AS known
            (kind, subject_type, subject_id, label, detail, warehouses, opened_at, due_at, resolved_by, resolution)
        SELECT kind, subject_type, subject_id, label, detail, warehouses, %(now)s, due_at, '', ''
        FROM found JOIN unnest(%(kinds)s::text[], %(dues)s::timestamptz[]) AS due (kind, due_at) USING (kind)
        ON CONFLICT (kind, subject_type, subject_id) WHERE over_at IS NULL DO UPDATE
        SET label = excluded.label, detail = excluded.detail, warehouses = excluded.warehouses
        WHERE known.resolved_at IS NULL AND (known.label, known.detail, known.warehouses)
              IS DISTINCT FROM (excluded.label, excluded.detail, excluded.warehouses)
        RETURNING xmax = 0 AS is_new),
    over AS (
        UPDATE audit_exceptioncase AS known
        SET over_at = %(now)s,
            resolved_at = coalesce(resolved_at, %(now)s),
            resolved_by = CASE WHEN resolved_at IS NULL THEN %(by)s ELSE resolved_by END,
            resolution = CASE WHEN resolved_at IS NULL THEN %(gone)s ELSE resolution END
        WHERE over_at IS NULL AND kind = ANY(%(kinds)s)
          AND (resolved_at < %(again)s OR NOT EXISTS (
              SELECT FROM found WHERE (found.kind, found.subject_type, found.subject_id)
                                    = (known.kind, known.subject_type, known.subject_id)))
        RETURNING id)
    SELECT (SELECT count(*) FROM raised WHERE is_new), (SELECT count(*) FROM over)
"""


@dataclass(frozen=True, slots=True)
class Source:
    """A statement that returns the causes of one kind there are now: `kind, subject_type, subject_id, label, detail,
    warehouses` (an array of codes), each subject once. `params` are named so that no two sources mean different things.
    """

    kind: ExceptionKind
    sql: str
    params: Callable[[], Mapping[str, Any]] = dict


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows were opened and how many closed."""

    opened: int
    closed: int


def sources() -> Sequence[Source]:
    """Those that the apps above name (`EXCEPTION_SOURCES`)."""
    return [source for path in settings.EXCEPTION_SOURCES for source in import_string(path)]


@verb
def sweep(*, kinds: Sequence[str] = (), by: Actor) -> Swept:
    """Open and close the rows of these kinds, or of all. One statement, however many there are."""
    chosen = [source for source in sources() if not kinds or source.kind in kinds]
    now = timezone.now()
    names = sorted({source.kind.value for source in chosen})
    values: dict[str, Any] = {
        "now": now,
        "again": now - timedelta(hours=settings.EXCEPTION_AGAIN_HOURS),
        "kinds": names,
        "dues": [now + due_after(kind) for kind in names],
        "by": str(by),
        "gone": GONE,
    }
    for source in chosen:
        values |= source.params()
    statement = STATEMENT.format(sources=" UNION ALL ".join(f"({source.sql})" for source in chosen))
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return Swept(*cursor.fetchone())
