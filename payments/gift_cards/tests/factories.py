"""Gift cards for tests, made by the services themselves."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from catalog.models import Product
from orders.models import Order
from orders.tests.factories import TESTS, buyable, place
from payments.gift_cards.services import Terms, code_of, issue_gift_card
from payments.models import GiftCard

UNUSABLE = "gift_card_not_usable"


def card_of(amount: str = "50.00", *, currency: str = "EUR", **terms: Any) -> tuple[GiftCard, str]:
    """A new card with its code."""
    card = issue_gift_card(currency=currency, amount=Decimal(amount), terms=Terms(**terms), by=TESTS)
    return card, code_of(card)


def order_of(price: str = "20.00") -> Order:
    """A pending order: one mug at this price, a fifth of it as tax, and 5.00 to send it."""
    if not Product.objects.filter(sku="MUG").exists():
        buyable("MUG", price=price, quantity=1000)
    return place(("MUG", 1))


def gift_card_product(sku: str = "GIFT-25", price: str = "25.00") -> Product:
    product = buyable(sku, price=price)
    Product.objects.filter(pk=product.pk).update(is_gift_card=True)
    return product


def past_its_time(card: GiftCard) -> GiftCard:
    """As if the time had come: its end lies an hour back."""
    GiftCard.objects.filter(pk=card.pk).update(expires_at=timezone.now() - timedelta(hours=1))
    return fresh_card(card)


def fresh_card(card: GiftCard) -> GiftCard:
    return GiftCard.objects.get(pk=card.pk)


def entries(card: GiftCard) -> list[tuple[str, Decimal]]:
    """What happened to the balance, oldest first."""
    return list(card.entries.order_by("pk").values_list("kind", "amount"))
