"""Money that goes back onto a gift card."""

from datetime import timedelta

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Greatest, Now

from api.actors import Actor
from payments.gift_cards.services.ledger import Cause, give
from payments.models import GiftCard, GiftCardEntry, Payment, Refund
from payments.states import GiftCardEntryKind


def credit_refund(*, refund: Refund, payment: Payment, by: Actor) -> GiftCardEntry:
    """Put what is refunded of a gift-card payment back onto its card, within the caller's transaction.

    The card can be spent for at least `GIFT_CARD_REFUND_DAYS` from now on: money is not lost on the day it comes back.
    """
    card = payment.gift_card
    assert card is not None, "A gift-card payment names its card."
    entry = give(card, refund.amount, Cause(kind=GiftCardEntryKind.REFUNDED, by=by, refund=refund, payment=payment))
    ends = Greatest(F("expires_at"), Now() + Value(timedelta(days=settings.GIFT_CARD_REFUND_DAYS)))
    GiftCard.objects.filter(pk=card.pk, expires_at__isnull=False).update(expires_at=ends)
    return entry
