"""Everything that happened to an order, in one list: steps, facts with what became of them, notes, changes of rows."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.utils.module_loading import import_string

from api.actors import Actor
from audit.history import history_table
from audit.models import LogEntry
from audit.names import names_of
from orders.models import (
    Hold,
    Order,
    OrderAddress,
    OrderLine,
    OrderNote,
    OrderTransition,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
)

# Fields whose changes the steps tell already, or nobody asks about.
SILENT = frozenset({"id", "order_id", "version", "status", "payment_status", "fulfillment_status", "return_status"})
# History of an order's rows, in one statement: the table, and how its rows are found.
SOURCES: tuple[tuple[type[models.Model], str], ...] = (
    (Order, "= %(order)s"),
    (OrderLine, "IN (SELECT id FROM orders_orderline WHERE order_id = %(order)s)"),
    (OrderAddress, "IN (SELECT id FROM orders_orderaddress WHERE order_id = %(order)s)"),
    (Hold, "IN (SELECT id FROM orders_hold WHERE order_id = %(order)s)"),
    (Shipment, "IN (SELECT id FROM orders_shipment WHERE order_id = %(order)s)"),
    (ShipmentLine, "IN (SELECT l.id FROM orders_shipmentline l JOIN orders_shipment s ON s.id = l.shipment_id "
                   "WHERE s.order_id = %(order)s)"),
    (Return, "IN (SELECT id FROM orders_return WHERE order_id = %(order)s)"),
    (ReturnLine, "IN (SELECT l.id FROM orders_returnline l JOIN orders_return r ON r.id = l.ret_id "
                 "WHERE r.order_id = %(order)s)"),
)  # fmt: skip
HISTORY = " UNION ALL ".join(
    f"SELECT '{model.__name__}', h.id, h.history_id, h.history_date, h.history_type, h.actor, to_jsonb(h)::text "  # noqa: S608
    f"FROM {history_table(model)} h WHERE h.id {found}"
    for model, found in SOURCES
)
COLUMNS_OF_HISTORY = frozenset(
    {"history_id", "history_date", "history_type", "history_change_reason", "actor", "request_id", "changed"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one row, as it was and as it became."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened.

    `kind` is `step`, `fact`, `note`, `change`, or that of an app above. `title` names it as it is stored (a verb, an
    event, a model); `detail` is text of people; `states` says how far its handlers are.
    """

    at: datetime
    kind: str
    title: str
    actor: str
    who: str = ""
    detail: str = ""
    changes: Sequence[Change] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    rank: int = 0


Source = Callable[[Order], Iterable[TimelineEntry]]


def timeline(order: Order) -> list[TimelineEntry]:
    """Newest first, in at most six statements for what orders know, and those of `ORDER_TIMELINES` above them."""
    entries = [*_steps(order), *_facts(order), *_notes(order), *_changes(order)]
    for path in settings.ORDER_TIMELINES:
        source: Source = import_string(path)
        entries += source(order)
    return sorted(_named(entries), key=lambda entry: (entry.at, entry.rank), reverse=True)


def _steps(order: Order) -> Iterator[TimelineEntry]:
    previous: OrderTransition | None = None
    for step in order.transitions.order_by("version"):
        axes = ("payment_status", "fulfillment_status", "return_status")
        changes = [Change("status", step.from_status, step.to_status)] if step.from_status != step.to_status else []
        if previous is not None:
            changes += [
                Change(name, getattr(previous, name), getattr(step, name))
                for name in axes
                if getattr(previous, name) != getattr(step, name)
            ]
        yield TimelineEntry(
            step.created_at, "step", step.verb, step.actor, detail=step.reason, changes=changes, rank=step.version
        )
        previous = step


def _facts(order: Order) -> Iterator[TimelineEntry]:
    """What was told to others; one row for each handler it went to, or one alone."""
    told = LogEntry.objects.filter(aggregate="order", aggregate_id=str(order.pk)).order_by("sequence", "deliveries__pk")
    columns = ("sequence", "created_at", "name", "actor", "deliveries__handler", "deliveries__state")
    for (sequence, at, name, actor), rows in groupby(told.values_list(*columns), key=lambda row: row[:4]):
        states = {handler: state for *_, handler, state in rows if handler}
        yield TimelineEntry(at, "fact", name, actor, states=states, rank=sequence)


def _notes(order: Order) -> Iterator[TimelineEntry]:
    for note in OrderNote.objects.filter(order=order):
        yield TimelineEntry(note.created_at, "note", "note", note.actor, detail=note.text)


def _changes(order: Order) -> Iterator[TimelineEntry]:
    """Rows as PostgreSQL kept them, each compared with the one before it. A first row is no change."""
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, {"order": order.pk})
        found = cursor.fetchall()
    known: dict[tuple[str, int], dict[str, Any]] = {}
    for model, pk, history_id, at, kind, actor, stored in sorted(found, key=lambda row: (row[0], row[1], row[2])):
        row = json.loads(stored, parse_float=Decimal)
        before = known.get((model, pk))
        known[model, pk] = row
        if before is None or kind == "-":
            continue
        changes = [
            Change(name, before.get(name), value)
            for name, value in row.items()
            if value != before.get(name) and name not in SILENT | COLUMNS_OF_HISTORY
        ]
        if changes:
            yield TimelineEntry(at, "change", model, actor, detail=_name(model, row), changes=changes, rank=history_id)


def _name(model: str, row: Mapping[str, Any]) -> str:
    """What people call the row."""
    return str(row.get("sku") or row.get("number") or row.get("kind") or "")


def _named(entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """With the names of people and partners in place of their ids, in a statement each."""
    names = names_of({entry.actor for entry in entries if entry.actor})
    return [replace(entry, who=names.get(entry.actor) or _label(entry.actor)) for entry in entries]


def _label(actor: str) -> str:
    """Who is nobody in particular: `system:expire_orders` is "expire orders"."""
    return Actor.parse(actor).name.replace("_", " ")
