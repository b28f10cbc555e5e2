"""Gift cards come into the world: given by staff, or bought."""

import calendar
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.errors import Invalid
from orders.models import Order, OrderLine
from orders.services.read import lock_order
from payments.gift_cards.codes import code_from, hash_of
from payments.gift_cards.events import GiftCardIssued
from payments.gift_cards.services.ledger import Cause, give
from payments.models import GiftCard
from payments.services.amounts import checked
from payments.states import GiftCardEntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What staff say of a card beside its amount. Without `expires_at`: the shop's usual time (`GIFT_CARD_MONTHS`)."""

    expires_at: datetime | None = None
    recipient_email: str = ""
    note: str = ""


def code_of(card: GiftCard) -> str:
    """The code, derived anew: shown once when it is issued, and written in mails."""
    return code_from(card.seed)


@verb
def issue_gift_card(*, currency: str, amount: Decimal, terms: Terms, by: Actor) -> GiftCard:
    """Put money of the shop onto a new card; whoever it is for is written to.

    Raises `Invalid` for an amount that is none, or an end that has passed.
    """
    value = checked(amount, currency)
    if terms.expires_at is not None and terms.expires_at <= timezone.now():
        raise Invalid("This has passed.", field="expires_at")
    card = _new_card(currency, terms, by)
    return _fill(card, value, reason="", by=by)


@verb
def issue_bought_gift_cards(*, order_id: int, by: Actor) -> list[GiftCard]:
    """One card for each unit bought of products that are gift cards, worth the unit's price; each unit once.

    Nothing before the money is here. Units that were cancelled get none.
    """
    order = lock_order(order_id)
    if order.test or order.captured_total < order.due:
        return []
    return [_fill(card, line.unit_price, reason=order.number, by=by) for line, card in _missing(order, by)]


def _missing(order: Order, by: Actor) -> Iterator[tuple[OrderLine, GiftCard]]:
    lines = order.lines.filter(product__is_gift_card=True, unit_price__gt=0).order_by("pk")
    had = set(GiftCard.objects.filter(bought_with__order=order).values_list("bought_with", "unit"))
    terms = Terms(recipient_email=order.email or (order.user.email if order.user else ""))
    for line in lines:
        for unit in range(1, line.units.live + 1):
            if (line.pk, unit) not in had:
                card = _new_card(order.currency, terms, by)
                card.bought_with, card.unit = line, unit
                yield line, card


def _new_card(currency: str, terms: Terms, by: Actor) -> GiftCard:
    seed = secrets.token_hex(32)
    code = code_from(seed)
    return GiftCard(
        seed=seed,
        code_hash=hash_of(code),
        last4=code[-4:],
        currency=currency,
        expires_at=terms.expires_at or usual_end(timezone.now()),
        recipient_email=terms.recipient_email,
        note=terms.note,
        created_by=str(by),
    )


def usual_end(start: datetime) -> datetime | None:
    """When a card issued then ends; None where the shop's cards never do (`GIFT_CARD_MONTHS` 0)."""
    if not settings.GIFT_CARD_MONTHS:
        return None
    years, month = divmod(start.month - 1 + settings.GIFT_CARD_MONTHS, 12)
    year = start.year + years
    return start.replace(year=year, month=month + 1, day=min(start.day, calendar.monthrange(year, month + 1)[1]))


def _fill(card: GiftCard, value: Decimal, *, reason: str, by: Actor) -> GiftCard:
    card.save(force_insert=True)
    give(card, value, Cause(kind=GiftCardEntryKind.ISSUED, by=by, reason=reason))
    if card.recipient_email:
        publish(GiftCardIssued(gift_card_id=card.pk), by=by)
    return card
