"""What every provider of money can be asked, and what it answers: amounts in major units, outcomes as facts.

A gateway talks HTTP and nothing else: it reads no table and holds no transaction.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from payments.states import DisputeStatus, PaymentStatus, TransferStatus

# As long as the inbox keeps them.
_LONGEST_ID, _LONGEST_TYPE = 255, 100


class Declined(Exception):
    """The provider said no, definitely: nothing happened. `code` is its word for why."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(f"{code}: {detail}")


class Unclear(Exception):
    """No answer, or none that says whether it happened.

    `is_final`: the provider has finished with this idempotency key and will only repeat the same failure, so that
    after a look-up finds nothing a new key may be tried (Stripe stores and replays a 500).
    """

    def __init__(self, detail: str, *, is_final: bool = False) -> None:
        self.is_final = is_final
        super().__init__(detail)


class BadSignature(Exception):
    """A webhook that the provider did not sign, or too long ago."""


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Request:
    """One attempt to pay, as a provider is told of it. `note` names it for the customer's statement."""

    payment_id: UUID
    order_number: str
    money: Money
    capture_at_once: bool
    return_url: str
    key: str


@dataclass(frozen=True, slots=True)
class TransferFact:
    """One capture or refund in the provider's book. `ours` is the id we gave it (a Refund's pk), if it knows one."""

    reference: str
    amount: Decimal
    status: TransferStatus
    ours: str = ""


@dataclass(frozen=True, slots=True)
class DisputeFact:
    reference: str
    amount: Decimal
    status: DisputeStatus
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that the provider's book says of one payment at one moment.

    `payment_id` and `order_number` are what we wrote on it, `payee` the account it pays to: compared before anything
    is believed. Captures, refunds and disputes only ever grow, so the order in which snapshots arrive does not matter.
    `client_secret` and `approve_url` are for the customer and are not stored.
    """

    reference: str
    status: PaymentStatus
    money: Money
    payment_id: str = ""
    order_number: str = ""
    payee: str = ""
    authorized: Decimal = Decimal(0)
    captures: tuple[TransferFact, ...] = ()
    refunds: tuple[TransferFact, ...] = ()
    disputes: tuple[DisputeFact, ...] = ()
    failure_code: str = ""
    authorization_expires_at: datetime | None = None
    # The customer has approved, and the provider waits to be told to take the money (PayPal).
    is_approved: bool = False
    client_secret: str = ""
    approve_url: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A webhook, verified: what happened, and the ids it names. `payment_reference` is that of `Snapshot`."""

    event_id: str
    type: str
    payment_reference: str
    object_id: str

    def __post_init__(self) -> None:
        """Raises `ValueError` for what cannot be kept."""
        for value in (self.event_id, self.type, self.payment_reference, self.object_id):
            if not isinstance(value, str) or len(value) > _LONGEST_ID or "\x00" in value:
                raise ValueError("An id is none.")
        if not self.event_id or len(self.type) > _LONGEST_TYPE:
            raise ValueError("An event without an id, or of no type.")


@dataclass(frozen=True, slots=True)
class BookEntry:
    """One object in the provider's list, for reconciliation. `kind`: payment, capture, refund or dispute."""

    kind: str
    reference: str
    payment_reference: str
    money: Money
    status: str
    created_at: datetime


class Gateway(Protocol):
    """A provider of money. Calls raise `Declined` and `Unclear`; each `key` makes its call happen once."""

    # Whether one payment can be captured in several parts, or its first capture releases the rest.
    captures_in_parts: bool
    # The account that payments must name as their payee.
    payee: str

    def create(self, request: Request) -> Snapshot:
        """Open a payment that the customer can then complete."""

    def find(self, request: Request, *, since: datetime) -> Snapshot | None:
        """The payment that carries our id, opened after `since`; None when there is definitely none."""

    def look_up(self, reference: str) -> Snapshot:
        """What the book says now. Raises `Declined` (code `not_found`) when it knows no such payment."""

    def complete(self, reference: str, *, key: str) -> Snapshot:
        """After the customer's return: take or authorise the money where the provider waits to be told (PayPal)."""

    def capture(self, reference: str, money: Money, *, is_last: bool, key: str) -> Snapshot:
        """Take authorised money; `is_last` releases what is left."""

    def void(self, reference: str, *, key: str) -> Snapshot:
        """Give up what is authorised, or the attempt itself, so that it can no longer be paid."""

    def refund(self, reference: str, money: Money, *, refund_id: int, reason: str, key: str) -> Snapshot:
        """Give captured money back. `refund_id` is written on it, as `TransferFact.ours` reads it."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        """The webhook's meaning; None for a type nobody needs. Raises `BadSignature`."""

    def book(self, since: datetime, until: datetime) -> Iterator[BookEntry]:
        """All payments, captures, refunds and disputes created in the window, page by page."""
