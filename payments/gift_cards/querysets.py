"""How gift cards are found."""

from django.db.models import Case, CharField, QuerySet, Value, When
from django.db.models.functions import Now

from payments.gift_cards.codes import hash_of
from payments.models import GiftCard

STATES = ("usable", "empty", "frozen", "expired")


def with_state() -> QuerySet[GiftCard]:
    """Each card with its `state`, one of `STATES`, and the order that bought it."""
    state = Case(
        When(frozen_at__isnull=False, then=Value("frozen")),
        When(expires_at__lte=Now(), then=Value("expired")),
        When(balance=0, then=Value("empty")),
        default=Value("usable"),
        output_field=CharField(),
    )
    return GiftCard.objects.annotate(state=state).select_related("bought_with__order")


def having_code(cards: QuerySet[GiftCard], code: str) -> QuerySet[GiftCard]:
    """The card of a whole code, whatever its state: for staff who hold the card in their hands."""
    return cards.filter(code_hash=hash_of(code))
