"""What the history knows: each tracked model by the name the API gives it, and how its values are written."""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models

from audit.doctor import tracked_models
from audit.history import Tracked, excluded_fields, history_table
from kernel.money import CURRENCIES, format_amount, is_exact

# A column of this name that is unique is what people and the API call the object by.
PUBLIC_KEYS = ("number", "sku", "code", "slug")
# What people recognise it by when it has none of those.
LABELS = (*PUBLIC_KEYS, "email", "name")
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Kind:
    """One tracked model: `name` is the API's `object_type`, `fields` its columns in the history."""

    name: str
    model: type[Tracked]
    table: str
    key: str
    public_key: str
    fields: dict[str, "models.Field[Any, Any]"]

    @property
    def title(self) -> str:
        return str(self.model._meta.verbose_name)

    def label(self, row: dict[str, Any]) -> str:
        """What people call the object of this row, e.g. `W1000001`; its primary key when it has no such name."""
        found = (row[name] for name in LABELS if name in self.fields and row[name])
        return str(next(found, row[self.key]))

    def column(self, field_name: str) -> str | None:
        """The column of the field, or None when the history has no such field."""
        found = (column for column, field in self.fields.items() if field_name in {field.name, column})
        return next(found, None)

    def ids_of(self, public_id: str) -> list[Any]:
        """The primary keys of the objects, gone ones included, that go (or went) by this id in the API."""
        found = self.live_ids_of(public_id)
        if found or self.public_key == self.key:
            return found
        history: Any = self.model
        return sorted(set(history.history.filter(**{self.public_key: public_id}).values_list(self.key, flat=True)))

    def live_ids_of(self, public_id: str) -> list[Any]:
        """Those that exist, found by an index; every possible primary key for a kind without public ids."""
        if self.public_key == self.key:
            return self.keys_of(public_id)
        return list(self.model._default_manager.filter(**{self.public_key: public_id}).values_list("pk", flat=True))

    def keys_of(self, text: str) -> list[Any]:
        """The primary key that this text is, if it can be one."""
        assert self.model._meta.pk is not None
        try:
            key = self.model._meta.pk.to_python(text)
        except ValidationError:
            return []
        return [] if isinstance(key, int) and abs(key) > LARGEST_ID else [key]


@cache
def kinds() -> dict[str, Kind]:
    """Every tracked model by name, e.g. `order_line`."""
    found = [_kind(model) for model in tracked_models()]
    by_name = {kind.name: kind for kind in found}
    assert len(by_name) == len(found), "Two tracked models have one name."
    return by_name


def kind_named(text: str) -> Kind | None:
    """By its name, also as `OrderLine` or `orders.orderline`."""
    wanted = text.rpartition(".")[2].replace("_", "").lower()
    return next((kind for kind in kinds().values() if kind.model._meta.model_name == wanted), None)


def _kind(model: type[Tracked]) -> Kind:
    meta = model._meta
    assert meta.pk is not None
    kept = [field for field in meta.concrete_fields if field.name not in excluded_fields(model)]
    fields = {str(field.column): field for field in kept}
    key = str(meta.pk.column)
    public = next((name for name in PUBLIC_KEYS if name in fields and fields[name].unique), key)
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", meta.object_name or "").lower()
    return Kind(name, model, history_table(model), key, public, fields)


def read_version(kind: Kind, keys: list[Any], history_id: int) -> dict[str, Any] | None:
    """One row of the history, when it is one of this object."""
    sql = f'SELECT to_jsonb(h)::text FROM "{kind.table}" h WHERE h.history_id = %s AND h."{kind.key}" = ANY(%s)'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [min(history_id, LARGEST_ID), keys])
        found = cursor.fetchone()
    return read_row(found[0]) if found else None


def read_row(text: str | None) -> dict[str, Any] | None:
    """A row as PostgreSQL writes it in JSON; its decimals stay the text they are, never floats."""
    row: dict[str, Any] | None = None if text is None else json.loads(text, parse_float=str)
    return row


def plain(field: "models.Field[Any, Any]", row: dict[str, Any]) -> Any:
    """The value of a field as the API writes it: amounts, decimals and instants as strings."""
    value = row[str(field.column)]
    if value is None:
        return None
    if isinstance(field, models.DateTimeField):
        return str(value).replace("+00:00", "Z")
    if isinstance(field, models.DecimalField):
        return _decimal(Decimal(value), str(row.get("currency", "")))
    return value


def _decimal(value: Decimal, currency: str) -> str:
    if currency in CURRENCIES and is_exact(value, currency):
        return format_amount(value, currency)
    return f"{value.normalize() + 0:f}"
