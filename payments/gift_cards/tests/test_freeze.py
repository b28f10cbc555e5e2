from decimal import Decimal

import pytest
from django.db import transaction

from kernel.errors import NotFound, Refused
from orders.events import OrderLinesCancelled
from orders.models import Order
from orders.services import cancel_order
from orders.tests.factories import TESTS, fresh, place
from payments.events import DisputeOpened
from payments.gift_cards.handlers import freeze_cancelled, freeze_disputed
from payments.gift_cards.services import (
    code_of,
    freeze_gift_card,
    issue_bought_gift_cards,
    spend_gift_card,
    unfreeze_gift_card,
)
from payments.gift_cards.tests.factories import card_of, fresh_card, gift_card_product, order_of
from payments.models import GiftCard
from payments.tests.factories import broken_promises, paid_by_hand

pytestmark = pytest.mark.django_db


def bought(units: int) -> tuple[Order, list[GiftCard]]:
    gift_card_product("GIFT-25", "25.00")
    order = place(("GIFT-25", units))
    paid_by_hand(order)
    return fresh(order), issue_bought_gift_cards(order_id=order.pk, by=TESTS)


def frozen() -> set[int]:
    return set(GiftCard.objects.filter(frozen_at__isnull=False).values_list("pk", flat=True))


def test_a_frozen_card_pays_nothing_until_it_is_released() -> None:
    card, code = card_of()
    assert freeze_gift_card(card_id=card.pk, reason="Stolen", by=TESTS).frozen_reason == "Stolen"
    order = order_of()
    with pytest.raises(Refused), transaction.atomic():
        spend_gift_card(order_id=order.pk, code=code, by=TESTS)
    unfreeze_gift_card(card_id=card.pk, by=TESTS)
    assert spend_gift_card(order_id=order.pk, code=code, by=TESTS).amount == 29
    assert broken_promises() == []


def test_doing_it_again_changes_nothing() -> None:
    card, _ = card_of()
    first = freeze_gift_card(card_id=card.pk, reason="Stolen", by=TESTS).frozen_at
    freeze_gift_card(card_id=card.pk, reason="Lost", by=TESTS)
    assert (fresh_card(card).frozen_at, fresh_card(card).frozen_reason) == (first, "Stolen")
    unfreeze_gift_card(card_id=card.pk, by=TESTS)
    assert unfreeze_gift_card(card_id=card.pk, by=TESTS).frozen_at is None
    assert card.history.count() == 4  # made, filled, frozen, released


def test_a_card_there_is_not_is_not_found() -> None:
    with pytest.raises(NotFound):
        freeze_gift_card(card_id=1, reason="x", by=TESTS)


def test_a_dispute_freezes_every_card_the_order_bought_and_no_other() -> None:
    order, cards = bought(2)
    card_of()
    event = DisputeOpened(order_id=order.pk, version=order.version, payment_id="x", dispute_id=1)
    freeze_disputed(event)
    freeze_disputed(event)
    assert frozen() == {card.pk for card in cards}


def test_of_cancelled_units_the_fullest_cards_are_frozen_once() -> None:
    order, (first, second, third) = bought(3)
    spend_gift_card(order_id=order_of().pk, code=code_of(first), by=TESTS)
    spend_gift_card(order_id=order_of().pk, code=code_of(third), amount=Decimal(1), by=TESTS)
    cancel_order(order_id=order.pk, reason="Too many", lines={order.lines.get().pk: 1}, by=TESTS)
    event = OrderLinesCancelled(order_id=order.pk, version=fresh(order).version)
    freeze_cancelled(event)
    freeze_cancelled(event)
    assert frozen() == {second.pk}
    cancel_order(order_id=order.pk, reason="Too many", lines={order.lines.get().pk: 1}, by=TESTS)
    freeze_cancelled(event)
    assert frozen() == {second.pk, third.pk}
    assert broken_promises() == ["payments.owed"]  # nobody has refunded the units here


def test_a_cancelled_order_freezes_all_it_bought() -> None:
    order, cards = bought(2)
    cancel_order(order_id=order.pk, reason="Mistake", by=TESTS)
    freeze_cancelled(OrderLinesCancelled(order_id=order.pk, version=fresh(order).version))
    assert frozen() == {card.pk for card in cards}
