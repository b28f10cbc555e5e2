"""The seam to a WMS: what is heard, what is asked, and what can go wrong on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

# Numbers of one page, of one statement, of one lock.
PAGE = 1000
EventType = Literal["stock", "shipment"]


class Away(Exception):
    """It cannot be reached: nothing else it is asked now would fare better."""


class Unclear(Exception):
    """It answered this one so that nobody knows whether it happened."""


class CursorGone(Unclear):
    """It has forgotten what changed since then: all stock has to be asked for."""


class Declined(Exception):
    """It said no, definitely: nothing happened."""


class BadSignature(Exception):
    """Whoever sent this is not the WMS, or sent it too long ago."""


class BadNotice(Exception):
    """The WMS signed it, and it cannot be understood."""


@dataclass(frozen=True, slots=True)
class StockFact:
    """So many units lay there at that moment. `warehouse` is the code of the WMS.

    None where it did not say anything that can be read.
    """

    sku: str
    warehouse: str
    on_hand: int | None
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What a WMS told of its own accord. `subject`: the order or the item it is about."""

    event_id: str
    type: EventType
    subject: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Part of an answer. `next` asks for what follows ("" ends it); `position` is from where changes are asked later.

    `problem`: what was there and could not be read at all. `moves`: the file that is done with it, from and to.
    """

    facts: Sequence[StockFact] = ()
    next: str = ""
    position: str = ""
    notices: Sequence[Notice] = ()
    problem: str = ""
    moves: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """`key` stays the same however often it is sent. `body` has what the WMS needs to know, people included."""

    key: str
    number: int
    kind: str
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """It is in the book of the WMS; `is_duplicate`: from an earlier time."""

    reference: str = ""
    accepted_at: datetime | None = None
    is_duplicate: bool = False


class WmsAdapter(Protocol):
    """One link, spoken to over the network and never within a transaction.

    Calls raise `Away` and `Unclear`; `push` also `Declined`.
    """

    def snapshot(self, cursor: str) -> Page:
        """All stock, from "" on. The first page's `position` is where changes go on from."""
        ...

    def changes(self, cursor: str) -> Page:
        """What changed since `cursor`."""
        ...

    def settle(self, page: Page) -> None:
        """Called once what the page said is committed here."""
        ...

    def push(self, request: Request) -> Receipt:
        """Have the WMS do something, once for each key."""
        ...

    def verify(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        """What a webhook says; None for what is of no interest. Raises `BadSignature`, `BadNotice`."""
        ...
