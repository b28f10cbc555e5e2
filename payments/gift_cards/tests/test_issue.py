from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from audit.models import LogEntry
from kernel.errors import Invalid
from orders.services import cancel_order
from orders.tests.factories import TESTS, fresh, place
from payments.gift_cards.codes import hash_of
from payments.gift_cards.services import code_of, issue_bought_gift_cards
from payments.gift_cards.services.issue import usual_end
from payments.gift_cards.tests.factories import card_of, entries, gift_card_product, order_of
from payments.models import GiftCard, GiftCardEntry
from payments.tests.factories import broken_promises, paid_by_hand

pytestmark = pytest.mark.django_db


def test_a_card_holds_what_was_put_on_it_and_is_found_by_its_code() -> None:
    card, code = card_of("50.00")
    stored = GiftCard.objects.get(code_hash=hash_of(code))
    assert (stored.pk, stored.balance, stored.currency, stored.last4) == (card.pk, 50, "EUR", code[-4:])
    assert entries(stored) == [("issued", 50)]
    assert code_of(stored) == code
    assert broken_promises() == []


def test_no_column_and_no_fact_holds_the_code() -> None:
    card, code = card_of("50.00", recipient_email="ada@example.com", note="Goodwill")
    plain = code.replace("-", "")
    rows = [GiftCard.objects.filter(pk=card.pk).values().get(), *GiftCardEntry.objects.values()]
    rows += [*LogEntry.objects.values(), *card.history.values()]
    written = repr(rows).upper()
    assert plain not in written
    assert code not in written


def test_a_card_ends_after_the_shops_months_unless_told_otherwise(settings) -> None:
    settings.GIFT_CARD_MONTHS = 36
    assert usual_end(datetime(2028, 2, 29, 12, tzinfo=UTC)) == datetime(2031, 2, 28, 12, tzinfo=UTC)
    ends = timezone.now() + timedelta(days=10)
    assert card_of(expires_at=ends)[0].expires_at == ends
    settings.GIFT_CARD_MONTHS = 0
    assert card_of()[0].expires_at is None


@pytest.mark.parametrize(("amount", "currency"), [("0", "EUR"), ("-5", "EUR"), ("1.001", "EUR"), ("1.5", "JPY")])
def test_an_amount_that_is_none_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(Invalid), transaction.atomic():
        card_of(amount, currency=currency)
    assert not GiftCard.objects.exists()


def test_an_end_that_has_passed_is_refused() -> None:
    with pytest.raises(Invalid), transaction.atomic():
        card_of(expires_at=timezone.now() - timedelta(seconds=1))
    assert not GiftCard.objects.exists()


def test_whoever_it_is_for_is_told_of_and_nobody_else() -> None:
    card_of()
    assert not LogEntry.objects.filter(name="GiftCardIssued").exists()
    card, _ = card_of(recipient_email="ada@example.com")
    assert LogEntry.objects.get(name="GiftCardIssued").payload == {"gift_card_id": card.pk}


def test_each_unit_bought_becomes_a_card_once_it_is_paid() -> None:
    gift_card_product("GIFT-25", "25.00")
    order = place(("GIFT-25", 3))
    assert issue_bought_gift_cards(order_id=order.pk, by=TESTS) == []
    paid_by_hand(order)
    cards = issue_bought_gift_cards(order_id=order.pk, by=TESTS)
    line = order.lines.get()
    assert [(card.bought_with_id, card.unit, card.balance) for card in cards] == [(line.pk, n, 25) for n in (1, 2, 3)]
    assert {card.recipient_email for card in cards} == {"guest@example.com"}
    assert issue_bought_gift_cards(order_id=order.pk, by=TESTS) == []
    assert (GiftCard.objects.count(), LogEntry.objects.filter(name="GiftCardIssued").count()) == (3, 3)
    assert broken_promises() == []


def test_other_products_become_none() -> None:
    order = order_of()
    paid_by_hand(order)
    assert issue_bought_gift_cards(order_id=order.pk, by=TESTS) == []


def test_units_cancelled_before_become_none() -> None:
    gift_card_product("GIFT-25", "25.00")
    order = place(("GIFT-25", 3))
    cancel_order(order_id=order.pk, reason="Too many", lines={order.lines.get().pk: 1}, by=TESTS)
    paid_by_hand(fresh(order))
    assert len(issue_bought_gift_cards(order_id=order.pk, by=TESTS)) == 2
    assert GiftCard.objects.filter(balance=Decimal(25)).count() == 2
