"""Gift cards that may not be spent for now, and those whose money never stayed."""

from collections import defaultdict

from django.db.models.functions import Now

from api.actors import Actor
from audit.verbs import verb
from kernel.errors import NotFound
from orders.services.read import lock_order
from payments.models import GiftCard

CANCELLED = "What bought it was cancelled."


@verb
def freeze_gift_card(*, card_id: int, reason: str, by: Actor) -> GiftCard:
    """Nothing can be taken from the card until it is released. Raises `NotFound`; again changes nothing."""
    card = locked_card(card_id)
    _freeze([card], reason)
    return card


@verb
def unfreeze_gift_card(*, card_id: int, by: Actor) -> GiftCard:
    """The card can be spent again, unless it has expired meanwhile. Raises `NotFound`."""
    card = locked_card(card_id)
    if card.frozen_at is not None:
        card.frozen_at, card.frozen_reason = None, ""
        card.save(update_fields=["frozen_at", "frozen_reason"])
    return card


def freeze_cards_bought_with(order_id: int, reason: str) -> list[GiftCard]:
    """Freeze every card the order has bought, within the caller's transaction. Returns those newly frozen."""
    cards = GiftCard.objects.select_for_update().filter(bought_with__order=order_id, frozen_at=None).order_by("pk")
    return _freeze(list(cards), reason)


@verb
def freeze_cancelled_gift_cards(*, order_id: int, by: Actor) -> list[GiftCard]:
    """Freeze as many cards of each line as units of it were cancelled: those first that hold most.

    What is counted is stored, so doing it twice freezes nothing twice.
    """
    cancelled = {line.pk: line for line in lock_order(order_id).lines.all() if line.cancelled}
    cards = GiftCard.objects.select_for_update().filter(bought_with__in=cancelled).order_by("pk")
    by_line: dict[int, list[GiftCard]] = defaultdict(list)
    for card in cards:
        assert card.bought_with_id is not None
        by_line[card.bought_with_id].append(card)
    frozen = []
    for line_id, of_line in by_line.items():
        # Units that were cancelled before cards were issued never had one.
        wanted = len(of_line) - cancelled[line_id].units.live
        wanted -= sum(card.frozen_reason == CANCELLED for card in of_line)
        full_first = sorted((card for card in of_line if card.frozen_at is None), key=lambda card: -card.balance)
        frozen += _freeze(full_first[: max(wanted, 0)], CANCELLED)
    return frozen


def locked_card(card_id: int) -> GiftCard:
    """The card, locked until the transaction ends. Raises `NotFound`."""
    card = GiftCard.objects.select_for_update().filter(pk=card_id).first()
    if card is None:
        raise NotFound("There is no such gift card.")
    return card


def _freeze(cards: list[GiftCard], reason: str) -> list[GiftCard]:
    """The caller has locked the cards, so that what was spent before is older by the database's clock."""
    fresh = [card for card in cards if card.frozen_at is None]
    for card in fresh:
        GiftCard.objects.filter(pk=card.pk).update(frozen_at=Now(), frozen_reason=reason)
        card.refresh_from_db(fields=["frozen_at", "frozen_reason"])
    return fresh
