"""From the words of a request to a search, for the API and the back office alike."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from django.utils.dateparse import parse_date, parse_datetime

from audit.changes import Search
from audit.kinds import Kind, kind_named, kinds
from audit.names import actor_named
from kernel.errors import Invalid

PARAMETERS = frozenset({"object_type", "object_id", "user", "from", "to", "field"})
NOBODY = "nobody"  # no actor is stored like this


def read_search(asked: Mapping[str, str]) -> Search:
    """The search these parameters describe; empty ones count as absent. Raises `Invalid`."""
    given = {name: value.strip() for name, value in asked.items() if name in PARAMETERS and value.strip()}
    among = _kinds(given)
    return Search(
        kinds=among,
        object_ids=among[0].ids_of(given["object_id"]) if "object_id" in given else None,
        actor=(actor_named(given["user"]) or NOBODY) if "user" in given else None,
        since=read_instant(given["from"], field="from") if "from" in given else None,
        before=read_instant(given["to"], field="to", end=True) if "to" in given else None,
        field=given.get("field"),
    )


def _kinds(given: Mapping[str, str]) -> list[Kind]:
    among = list(kinds().values())
    if "object_type" in given:
        named = kind_named(given["object_type"])
        if named is None:
            raise Invalid(f"One of: {', '.join(kinds())}.", field="object_type")
        among = [named]
    elif "object_id" in given:
        raise Invalid("An id needs the object_type it belongs to.", field="object_type")
    if "field" in given:
        among = [kind for kind in among if kind.column(given["field"])]
        if not among:
            raise Invalid("Nothing has a field of this name.", field="field")
    return among


def read_instant(text: str, *, field: str, end: bool = False) -> datetime:
    """An instant (RFC 3339) or a date in UTC: its beginning, or with `end` the beginning of the next day."""
    try:
        day = parse_date(text)
        instant = datetime.combine(day, time.min) if day else parse_datetime(text)
        if day and end and instant:
            instant += timedelta(days=1)
    except (ValueError, OverflowError):
        instant = None
    if instant is None:
        raise Invalid("A date (2026-01-31) or an instant (2026-01-31T12:00:00Z).", field=field)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
