"""What happens to gift cards, in the past tense. Never the code: it is derived where it is shown."""

from dataclasses import dataclass

from audit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardIssued(Event):
    """There is a card that somebody can be told of."""

    aggregate = "gift_card"
    key = "gift_card_id"

    gift_card_id: int
