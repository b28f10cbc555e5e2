"""Finding a card by its code."""

from django.db.models import Q
from django.db.models.functions import Now

from payments.gift_cards.codes import hash_of
from payments.gift_cards.errors import GiftCardNotUsable
from payments.models import GiftCard

USABLE = Q(frozen_at=None) & (Q(expires_at=None) | Q(expires_at__gt=Now()))


def usable_card(code: str) -> GiftCard:
    """The card of a code that can be spent. Raises `GiftCardNotUsable` for every other, without saying why."""
    card = GiftCard.objects.filter(USABLE, code_hash=hash_of(code)).first()
    if card is None:
        raise GiftCardNotUsable(field="code")
    return card
