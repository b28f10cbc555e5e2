"""Two books beside each other: pure comparison, and what a person should do about each difference."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kernel.money import CURRENCIES, format_amount
from payments.gateways.base import BookEntry, Money, Snapshot
from payments.states import DifferenceKind, PaymentStatus

# Attempts without money. A provider may never have heard that one failed, and forgets those nobody completed.
IDLE = frozenset({PaymentStatus.CREATED, PaymentStatus.FAILED})
NEVER_PAID = IDLE | {PaymentStatus.VOIDED}

ACTIONS: dict[str, str] = {
    DifferenceKind.MISSING_HERE: "Look it up at the provider. If it pays an order of ours, record it there or give it "
    "back; if it is none of ours, resolve this with a note.",
    DifferenceKind.MISSING_THERE: "The provider knows nothing of it. Check the account and its keys; until it is "
    "explained, send nothing out for this payment.",
    DifferenceKind.AMOUNT: "Compare with the provider's page and the money case of this payment; refund or ask for "
    "what differs.",
    DifferenceKind.CURRENCY: "The provider took another currency. Refund it there and ask the customer to pay again.",
    DifferenceKind.STATUS: "Open the payment and its money case: the provider's word was not believed, or has changed "
    "since.",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One object, as either book has it. `kind`: payment, capture, refund or dispute."""

    kind: str
    reference: str
    payment_reference: str
    money: Money
    status: str

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.reference


@dataclass(frozen=True, slots=True)
class Found:
    """One thing on which the books do not agree, in words of both."""

    kind: DifferenceKind
    record: Record
    ours: str = ""
    theirs: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.kind.value, *self.record.key


def record_of(entry: BookEntry) -> Record:
    return Record(entry.kind, entry.reference, entry.payment_reference, entry.money, str(entry.status))


def records_of(snapshot: Snapshot) -> list[Record]:
    """All that a provider's snapshot of one payment says, object by object."""
    whole, currency = snapshot.reference, snapshot.money.currency
    records = [Record("payment", whole, whole, snapshot.money, str(snapshot.status))]
    for kind, facts in (
        ("capture", snapshot.captures),
        ("refund", snapshot.refunds),
        ("dispute", snapshot.disputes),
    ):
        records += [
            Record(kind, fact.reference, whole, Money(fact.amount, currency), str(fact.status)) for fact in facts
        ]
    return records


def compare(theirs: Iterable[Record], ours: Iterable[Record]) -> list[Found]:
    """All differences between two views of the same objects."""
    here = {record.key: record for record in ours}
    found: list[Found] = []
    for record in theirs:
        mine = here.pop(record.key, None)
        found += _missing_here(record) if mine is None else _beside(mine, record)
    return found + [missing for record in here.values() for missing in _missing_there(record)]


def _missing_here(record: Record) -> Iterator[Found]:
    if record.kind != "payment" or record.status != PaymentStatus.VOIDED:
        yield Found(DifferenceKind.MISSING_HERE, record, theirs=said(record))


def _missing_there(record: Record) -> Iterator[Found]:
    if record.kind != "payment" or record.status not in NEVER_PAID:
        yield Found(DifferenceKind.MISSING_THERE, record, ours=said(record))


def _beside(ours: Record, theirs: Record) -> Iterator[Found]:
    if ours.money.currency != theirs.money.currency:
        yield Found(DifferenceKind.CURRENCY, theirs, _sum(ours), _sum(theirs))
    elif ours.money.amount != theirs.money.amount:
        yield Found(DifferenceKind.AMOUNT, theirs, _sum(ours), _sum(theirs))
    if ours.status != theirs.status and not {ours.status, theirs.status} <= IDLE:
        yield Found(DifferenceKind.STATUS, theirs, ours.status, theirs.status)


def said(record: Record) -> str:
    return f"{_sum(record)}, {record.status}"


def _sum(record: Record) -> str:
    """Of a provider, also in a currency that nobody here pays with."""
    amount, currency = record.money.amount, record.money.currency
    return f"{format_amount(amount, currency) if currency in CURRENCIES else amount} {currency}"
