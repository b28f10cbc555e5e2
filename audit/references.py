"""What a row points at, by the name people and the API have for it instead of its primary key."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import models

from audit.changes import Change, FieldChange
from audit.kinds import PUBLIC_KEYS

Names = dict[tuple[str, str], Any]


def resolved(changes: Iterable[Change]) -> list[Change]:
    """The same changes with relations by number, SKU, code, slug or name, in one statement a related model.

    Relations to models without any of these stay primary keys.
    """
    found = list(changes)
    names = _names(found)
    return [replace(change, changes=[_named(change, each, names) for each in change.changes]) for change in found]


def name_field(model: type[models.Model]) -> str | None:
    """The field that names a row of the model, or None."""
    fields = {field.name: field for field in model._meta.concrete_fields}
    public = next((name for name in PUBLIC_KEYS if name in fields and getattr(fields[name], "unique", False)), None)
    actors = {label.lower(): field for label, field in settings.ACTOR_NAMES.values()}
    return public or actors.get(model._meta.label_lower)


def target(change: Change, field_name: str) -> type[models.Model] | None:
    """The model that a field of this change points at."""
    field = change.kind.fields[change.kind.column(field_name) or ""]
    return field.related_model if isinstance(field, models.ForeignKey) else None


def _names(changes: list[Change]) -> Names:
    wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
    for change in changes:
        for each in change.changes:
            model = target(change, each.field)
            if model is not None and name_field(model):
                wanted[model] |= {each.old, each.new} - {None}
    names: Names = {}
    for model, keys in wanted.items():
        rows = model._default_manager.filter(pk__in=keys).values_list("pk", name_field(model) or "pk")
        names.update({(model._meta.label, str(pk)): name for pk, name in rows})
    return names


def _named(change: Change, each: FieldChange, names: Names) -> FieldChange:
    model = target(change, each.field)
    if model is None:
        return each
    old, new = (names.get((model._meta.label, str(value)), value) for value in (each.old, each.new))
    return FieldChange(each.field, old, new)
