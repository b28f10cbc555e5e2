"""Our side of the comparison."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import F, Model, QuerySet

from payments.gateways.base import Money
from payments.models import Capture, Dispute, Payment, Refund
from payments.reconciliation.compare import NEVER_PAID, Record

PAYMENT_COLUMNS = {"whole": F("provider_reference"), "money": F("amount"), "unit": F("currency")}
PART_COLUMNS = {"whole": F("payment__provider_reference"), "money": F("amount"), "unit": F("payment__currency")}
PARTS: dict[str, type[Model]] = {"capture": Capture, "refund": Refund, "dispute": Dispute}
OPENED = {"dispute": "opened_at"}


def ours_among(provider: str, records: Iterable[Record]) -> list[Record]:
    """What we have under the same names, whenever it was written."""
    names: dict[str, list[str]] = {}
    for record in records:
        names.setdefault(record.kind, []).append(record.reference)
    return [
        found
        for kind, references in names.items()
        for found in _records(kind, _rows(kind, provider).filter(provider_reference__in=references))
    ]


def ours_of(provider: str, payment_reference: str) -> list[Record]:
    """A payment of ours with all its parts that the provider has given a name."""
    own = _rows("payment", provider).filter(provider_reference=payment_reference)
    parts = {kind: _rows(kind, provider).filter(payment__provider_reference=payment_reference) for kind in PARTS}
    return [record for kind, rows in ({"payment": own} | parts).items() for record in _records(kind, rows)]


def ours_written(provider: str, since: datetime, until: datetime) -> Iterator[Record]:
    """What was written here in the window and has to do with money, row by row."""
    for kind in ("payment", *PARTS):
        opened = OPENED.get(kind, "created_at")
        rows = _rows(kind, provider).filter(**{f"{opened}__gte": since, f"{opened}__lt": until})
        yield from _records(kind, rows.exclude(status__in=NEVER_PAID) if kind == "payment" else rows)


def _rows(kind: str, provider: str) -> QuerySet[Any]:
    model = Payment if kind == "payment" else PARTS[kind]
    return model._default_manager.filter(provider=provider).exclude(provider_reference="").order_by()


def _records(kind: str, rows: QuerySet[Any]) -> Iterator[Record]:
    columns = PAYMENT_COLUMNS if kind == "payment" else PART_COLUMNS
    named = rows.annotate(**{f"of_{name}": column for name, column in columns.items()})
    found = named.values_list("provider_reference", "of_whole", "of_money", "of_unit", "status")
    for reference, whole, amount, currency, status in found.iterator():
        yield Record(kind, reference, whole, Money(amount, currency), str(status))
