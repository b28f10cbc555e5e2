"""History written by PostgreSQL, so that no way of writing a row can miss it.

django-simple-history gives the tables and their screens; a trigger on each tracked table copies the new row
into them with the actor and the request of the transaction (`audit.verbs.act_as`).
"""

from collections.abc import Sequence
from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from simple_history.models import HistoricalRecords

ACTOR_LENGTH = 200
REQUEST_ID_LENGTH = 128
UNKNOWN_ACTOR = "system:database"  # plain SQL by an operator: nobody named themselves


class AppendOnly(pgtrigger.Trigger):
    """Refuse UPDATE and DELETE of a ledger; erasing a person (`waybill.erasing`) is the one exception."""

    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete
    func = """
        IF current_setting('waybill.erasing', true) = 'on' AND TG_OP = 'UPDATE' THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'The table % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    """


def append_only() -> AppendOnly:
    """The trigger for `Meta.triggers` of a table whose rows are written once."""
    return AppendOnly(name="append_only")


class HistoryTrigger(pgtrigger.Trigger):
    """Copy each inserted, changed or deleted row into the model's history table."""

    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def __init__(self, *, exclude: tuple[str, ...] = ()) -> None:
        """`exclude` names fields kept out of the history, such as a password's hash."""
        super().__init__(name="history")
        self.exclude = exclude

    def get_func(self, model: Any) -> str:
        # From `_meta` alone: a migration's state of the model has no `history` attribute.
        left_out = generated_fields(model) | set(self.exclude)
        fields = [field for field in model._meta.concrete_fields if field.name not in left_out]
        listed = ", ".join(f'"{field.column}"' for field in fields)
        differing = ", ".join(
            f"""CASE WHEN OLD."{field.column}" IS DISTINCT FROM NEW."{field.column}" THEN '{field.name}' END"""
            for field in fields
        )

        def row(name: str) -> str:
            return ", ".join(f'{name}."{field.column}"' for field in fields)

        def insert(source: str, kind: str, changed: str = "'{}'") -> str:
            return f"""
                INSERT INTO "{history_table(model)}" ({listed}, "history_date", "history_type",
                    "history_change_reason", "actor", "request_id", "changed")
                VALUES ({row(source)}, clock_timestamp(), '{kind}', NULL,
                    coalesce(nullif(current_setting('waybill.actor', true), ''), '{UNKNOWN_ACTOR}'),
                    coalesce(current_setting('waybill.request_id', true), ''), {changed});
            """  # noqa: S608  column names of our own models

        return self.format_sql(
            f"""
            IF TG_OP = 'DELETE' THEN {insert("OLD", "-")} RETURN NULL; END IF;
            IF TG_OP = 'INSERT' THEN {insert("NEW", "+")} RETURN NULL; END IF;
            IF ROW({row("OLD")}) IS DISTINCT FROM ROW({row("NEW")}) THEN
                {insert("NEW", "~", f"array_remove(ARRAY[{differing}]::text[], NULL)")}
            END IF;
            RETURN NULL;
            """
        )


def history_table(model: type[models.Model]) -> str:
    """The table simple-history gives the model, e.g. `orders_historicalorder`."""
    return f"{model._meta.app_label}_historical{model._meta.model_name}"


def generated_fields(model: type[models.Model]) -> set[str]:
    """Fields the database computes: the history has what they are computed from."""
    return {field.name for field in model._meta.concrete_fields if field.generated}


def excluded_fields(model: type[models.Model]) -> set[str]:
    """Fields kept out of the model's history: generated ones and those its trigger excludes."""
    triggers: Sequence[Any] = model._meta.triggers  # type: ignore[attr-defined]  # an option of pgtrigger
    (trigger,) = (found for found in triggers if isinstance(found, HistoryTrigger))
    return generated_fields(model) | set(trigger.exclude)


class HistoryRow(models.Model):
    """What every history row carries beside the copied columns and simple-history's own."""

    actor = models.CharField(max_length=ACTOR_LENGTH)
    request_id = models.CharField(max_length=REQUEST_ID_LENGTH, blank=True)
    changed = ArrayField(models.TextField(), default=list, help_text="Names of the fields an update changed.")

    class Meta:
        abstract = True


class WrittenByTrigger(HistoricalRecords):
    """simple-history's records with an actor of ours, append-only tables and no foreign key to users."""

    # The copied columns' own indexes would cost every write and serve no reader; see `get_meta_options`.
    _date_indexing = False

    def create_history_model(self, model: type[models.Model], inherited: bool) -> Any:
        names = {field.name for field in model._meta.concrete_fields}
        if taken := names & {field.name for field in HistoryRow._meta.local_fields}:
            raise ImproperlyConfigured(f"{model.__name__}: {', '.join(taken)} is a column of the history itself.")
        self.excluded_fields = sorted(excluded_fields(model))
        self.no_db_index = sorted(names)
        return super().create_history_model(model, inherited)

    def _get_history_user_fields(self) -> dict[str, Any]:
        return {"history_user": property(lambda row: row.actor)}

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        assert model._meta.pk is not None
        # One object's rows in order; a window of time; what one person did.
        indexes = [
            models.Index(fields=(model._meta.pk.name, "history_id")),
            models.Index(fields=("history_date", "history_id")),
            models.Index(fields=("actor", "history_date", "history_id")),
        ]
        return super().get_meta_options(model) | {"triggers": [append_only()], "indexes": indexes}


class Tracked(models.Model):
    """A model whose every committed change leaves a history row. Use `class Meta(Tracked.Meta)`.

    To keep a field out: `triggers = (HistoryTrigger(exclude=("password",)),)`.
    """

    history = WrittenByTrigger(inherit=True, bases=[HistoryRow], history_id_field=models.BigAutoField())

    class Meta:
        abstract = True
        triggers: tuple[pgtrigger.Trigger, ...] = (HistoryTrigger(),)
