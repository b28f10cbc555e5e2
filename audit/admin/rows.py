"""Changes as people read them: who, what, when, from what to what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import Truncator

from api.actors import Actor
from audit.changes import Change, FieldChange
from audit.names import names_of

LONGEST = 300


@dataclass(frozen=True, slots=True)
class Line:
    """One field: its name and what stood there, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Row:
    """One change. Links are empty where the viewer may not go."""

    at: datetime
    who: str
    who_link: str
    action: str
    what: str
    what_link: str
    history_link: str
    version_link: str
    request_id: str
    lines: list[Line]


def rows_of(request: HttpRequest, changes: Iterable[Change]) -> list[Row]:
    """The rows of one page, with the names of everyone in it read at once."""
    found = list(changes)
    names = names_of({change.actor for change in found})
    return [_row(request, change, names) for change in found]


def _row(request: HttpRequest, change: Change, names: dict[str, str]) -> Row:
    label = change.kind.model._meta.label
    return Row(
        at=change.place.at,
        who=said_of(change.actor, names),
        who_link=actor_link(request, change.actor) if change.actor in names else "",
        action=change.action,
        what=f"{change.kind.title} {change.label}",
        what_link="" if change.action == "deleted" else page_link(request, label, "change", change.key),
        history_link=page_link(request, label, "history", change.key),
        version_link=page_link(request, label, "version", change.key, change.place.history_id),
        request_id=change.request_id,
        lines=lines_of(change),
    )


def name_actors(rows: Iterable[Any]) -> None:
    """Give each row the name of its `actor` as `who`: one statement a kind of actor."""
    found = list(rows)
    names = names_of({row.actor for row in found})
    for row in found:
        row.who = said_of(row.actor, names)


def said_of(actor: str, names: dict[str, str]) -> str:
    """A person's e-mail, a partner's name; the system's parts as words."""
    if actor in names:
        return names[actor]
    parsed = Actor.parse(actor)
    if parsed.kind == "system":
        return f"System · {parsed.name.rpartition('.')[2].replace('_', ' ').replace(':', ' ')}"
    return " ".join(dict.fromkeys((parsed.kind, parsed.name))).strip().capitalize()


def actor_link(request: HttpRequest, actor: str) -> str:
    parsed = Actor.parse(actor)
    label, _ = settings.ACTOR_NAMES.get(parsed.kind, ("", ""))
    return page_link(request, label, "change", parsed.name) if label else ""


def page_link(request: HttpRequest, label: str, page: str, *args: Any) -> str:
    """The address of a model's page in the back office, or nothing where there is none for this viewer."""
    shown = next((page for model, page in admin.site._registry.items() if model._meta.label == label), None)
    if shown is None or not shown.has_view_or_change_permission(request):
        return ""
    return reverse(f"admin:{shown.opts.app_label}_{shown.opts.model_name}_{page}", args=args)


def _line(change: Change, each: FieldChange) -> Line:
    field = change.kind.fields[change.kind.column(each.field) or ""]
    old, new = (in_words(field, value, change.currency) for value in (each.old, each.new))
    return Line(str(field.verbose_name).capitalize(), old, new)


def lines_of(change: Change) -> list[Line]:
    return [_line(change, each) for each in change.changes]


def in_words(field: Any, value: Any, currency: str) -> str:
    """A value as people write it; nothing for what is empty."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(field, models.DateTimeField):
        return moment(str(value))
    if isinstance(field, models.DecimalField):
        return f"{value}\N{NO-BREAK SPACE}{currency}".strip() if currency else str(value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return Truncator(_flat(value)).chars(LONGEST)


def moment(text: str) -> str:
    when = parse_datetime(text)
    return f"{timezone.localtime(when):%-d %b %Y, %H:%M:%S}" if when else text


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return " · ".join(f"{name}: {_flat(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_flat(inner) for inner in value)
    return str(value)
