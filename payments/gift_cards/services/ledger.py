"""The one place where a card's balance moves: a conditional update, and the entry that explains it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

from api.actors import Actor
from payments.models import GiftCard, GiftCardEntry, Payment, Refund
from payments.states import GiftCardEntryKind

# The time of the statement, by the database's clock, so that no two machines disagree on what came first.
TAKE = """
    UPDATE payments_giftcard SET balance = balance - %(amount)s
    WHERE id = %(card)s AND balance >= %(amount)s AND frozen_at IS NULL
      AND (expires_at IS NULL OR expires_at > statement_timestamp())
    RETURNING statement_timestamp()
"""
RUN_OUT = """
    UPDATE payments_giftcard SET balance = balance - %(amount)s
    WHERE id = %(card)s AND balance = %(amount)s AND frozen_at IS NULL AND expires_at <= statement_timestamp()
    RETURNING statement_timestamp()
"""
GIVE = "UPDATE payments_giftcard SET balance = balance + %(amount)s WHERE id = %(card)s RETURNING statement_timestamp()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a balance moves, and by whom."""

    kind: GiftCardEntryKind
    by: Actor
    payment: Payment | None = None
    refund: Refund | None = None
    reason: str = ""


def take(card: GiftCard, amount: Decimal, cause: Cause) -> GiftCardEntry | None:
    """Take this much, in one statement that finds the card usable and full enough; None when it was not."""
    at = _moved(TAKE, card, amount)
    return _enter(card, -amount, cause, at=at) if at else None


def run_out(card: GiftCard, cause: Cause) -> GiftCardEntry | None:
    """Take all that is left of a card past its time; None when it moved meanwhile, is frozen or goes on."""
    amount = card.balance
    at = _moved(RUN_OUT, card, amount)
    return _enter(card, -amount, cause, at=at) if at else None


def give(card: GiftCard, amount: Decimal, cause: Cause) -> GiftCardEntry:
    """Put this much onto the card, whatever its state."""
    at = _moved(GIVE, card, amount)
    assert at is not None, "Gift cards are never deleted."
    return _enter(card, amount, cause, at=at)


def _moved(statement: str, card: GiftCard, amount: Decimal) -> datetime | None:
    """When it was done; None when the statement found no such card in a fit state."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"card": card.pk, "amount": amount})
        row = cursor.fetchone()
    return row[0] if row else None


def _enter(card: GiftCard, amount: Decimal, cause: Cause, *, at: datetime) -> GiftCardEntry:
    card.balance += amount
    return GiftCardEntry.objects.create(
        card=card,
        kind=cause.kind,
        amount=amount,
        payment=cause.payment,
        refund=cause.refund,
        reason=cause.reason,
        actor=str(cause.by),
        created_at=at,
    )
