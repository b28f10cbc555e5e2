"""Gift cards end."""

from django.utils import timezone

from api.actors import Actor
from audit.verbs import verb
from payments.gift_cards.services.freeze import locked_card
from payments.gift_cards.services.ledger import Cause, run_out
from payments.models import GiftCard, GiftCardEntry
from payments.states import GiftCardEntryKind


def expire_due_cards() -> int:
    """Bring every card past its time to zero, each in a transaction of its own. Returns how many.

    Frozen ones wait until they are released: nothing is taken from a frozen card.
    """
    due = GiftCard.objects.filter(expires_at__lte=timezone.now(), balance__gt=0, frozen_at=None)
    ids = list(due.order_by("pk").values_list("pk", flat=True))
    by = Actor.system("expire_gift_cards")
    return sum(expire_gift_card(card_id=card_id, by=by) is not None for card_id in ids)


@verb
def expire_gift_card(*, card_id: int, by: Actor) -> GiftCardEntry | None:
    """Take what is left of a card past its time; None when there is nothing to take, or it goes on."""
    return run_out(locked_card(card_id), Cause(kind=GiftCardEntryKind.EXPIRED, by=by))
