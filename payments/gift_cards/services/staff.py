"""What staff change about a gift card."""

from datetime import datetime
from decimal import Decimal
from typing import TypedDict

from django.utils import timezone

from api.actors import Actor
from audit.verbs import verb
from kernel.errors import Invalid, NotAllowedNow
from kernel.money import format_amount
from payments.gift_cards.errors import GiftCardInsufficient
from payments.gift_cards.services.freeze import freeze_gift_card, locked_card, unfreeze_gift_card
from payments.gift_cards.services.ledger import Cause, give, take
from payments.models import GiftCard, GiftCardEntry
from payments.services.amounts import checked
from payments.states import GiftCardEntryKind

BY_STAFF = "Frozen by staff."


class CardChanges(TypedDict, total=False):
    """What may be written; absent members stay as they are."""

    expires_at: datetime | None
    recipient_email: str
    note: str
    frozen: bool


@verb
def change_gift_card(*, card_id: int, changes: CardChanges, by: Actor) -> GiftCard:
    """Raises `NotFound`, and `Invalid` for an end that has passed: to end a card now, freeze it."""
    card = locked_card(card_id)
    if "frozen" in changes:
        if changes["frozen"]:
            freeze_gift_card(card_id=card_id, reason=BY_STAFF, by=by)
        else:
            unfreeze_gift_card(card_id=card_id, by=by)
        card.refresh_from_db()
    fields = {name: value for name, value in changes.items() if name != "frozen" and value != getattr(card, name)}
    ends = changes.get("expires_at")
    if "expires_at" in fields and ends is not None and ends <= timezone.now():
        raise Invalid("This has passed. To end a card now, freeze it.", field="expires_at")
    for name, value in fields.items():
        setattr(card, name, value)
    if fields:
        card.save(update_fields=list(fields))
    return card


@verb
def adjust_gift_card(*, card_id: int, amount: Decimal, reason: str, by: Actor) -> GiftCardEntry:
    """Correct the balance by a signed amount. What is taken is taken from a usable card only.

    Raises `NotFound`, `Invalid` (zero, decimals), `NotAllowedNow` (frozen or expired) and `GiftCardInsufficient`.
    """
    card = locked_card(card_id)
    value = checked(abs(amount), card.currency)
    cause = Cause(kind=GiftCardEntryKind.ADJUSTED, by=by, reason=reason)
    if card.expires_at is not None and card.expires_at <= timezone.now():
        raise NotAllowedNow("The card has expired. Give it another end first.")
    if amount > 0:
        return give(card, value, cause)
    if card.frozen_at is not None:
        raise NotAllowedNow("Nothing is taken from a frozen card. Release it first.")
    entry = take(card, value, cause)
    if entry is None:
        left = format_amount(card.balance, card.currency)
        raise GiftCardInsufficient(f"The gift card holds {left} {card.currency}.", field="amount", balance=left)
    return entry
