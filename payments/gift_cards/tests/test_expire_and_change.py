from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from kernel.errors import Invalid, NotAllowedNow, Refused
from orders.tests.factories import TESTS
from payments.gift_cards.errors import GiftCardInsufficient
from payments.gift_cards.services import (
    adjust_gift_card,
    change_gift_card,
    expire_due_cards,
    freeze_gift_card,
    unfreeze_gift_card,
)
from payments.gift_cards.tests.factories import card_of, entries, fresh_card, past_its_time
from payments.models import GiftCardEntry
from payments.tests.factories import broken_promises

pytestmark = pytest.mark.django_db


def test_what_is_left_ends_with_the_card_once() -> None:
    ended, going = past_its_time(card_of("50.00")[0]), card_of("20.00")[0]
    assert (expire_due_cards(), expire_due_cards()) == (1, 0)
    assert (fresh_card(ended).balance, entries(ended)) == (0, [("issued", 50), ("expired", -50)])
    assert fresh_card(going).balance == 20
    assert broken_promises() == []


def test_a_frozen_card_ends_when_it_is_released() -> None:
    card, _ = card_of()
    freeze_gift_card(card_id=card.pk, reason="x", by=TESTS)
    past_its_time(card)
    assert expire_due_cards() == 0
    unfreeze_gift_card(card_id=card.pk, by=TESTS)
    assert expire_due_cards() == 1


def test_staff_change_who_it_is_for_and_how_long() -> None:
    card, _ = card_of()
    ends = timezone.now() + timedelta(days=400)
    changed = change_gift_card(
        card_id=card.pk, changes={"expires_at": ends, "recipient_email": "ada@example.com", "note": "VIP"}, by=TESTS
    )
    assert (changed.expires_at, changed.recipient_email, changed.note) == (ends, "ada@example.com", "VIP")
    assert change_gift_card(card_id=card.pk, changes={"expires_at": None}, by=TESTS).expires_at is None
    assert change_gift_card(card_id=card.pk, changes={"frozen": True}, by=TESTS).frozen_at is not None
    assert change_gift_card(card_id=card.pk, changes={"frozen": False}, by=TESTS).frozen_at is None


def test_no_card_is_given_an_end_that_has_passed() -> None:
    card, _ = card_of()
    with pytest.raises(Invalid), transaction.atomic():
        change_gift_card(card_id=card.pk, changes={"expires_at": timezone.now(), "note": "x"}, by=TESTS)
    assert (fresh_card(card).note, fresh_card(card).expires_at) == ("", card.expires_at)


def test_staff_correct_a_balance_and_say_why() -> None:
    card, _ = card_of("50.00")
    adjust_gift_card(card_id=card.pk, amount=Decimal(5), reason="Goodwill", by=TESTS)
    adjust_gift_card(card_id=card.pk, amount=Decimal(-20), reason="Issued too much", by=TESTS)
    assert (fresh_card(card).balance, entries(card)[1:]) == (35, [("adjusted", 5), ("adjusted", -20)])
    assert GiftCardEntry.objects.first().reason == "Issued too much"
    assert broken_promises() == []


def test_no_more_is_taken_than_there_is_and_nothing_from_a_card_that_cannot_be_used() -> None:
    full, frozen, ended = card_of("50.00")[0], card_of("50.00")[0], card_of("50.00")[0]
    freeze_gift_card(card_id=frozen.pk, reason="x", by=TESTS)
    past_its_time(ended)
    cases: list[tuple[object, str, type[Refused]]] = [
        (full, "-50.01", GiftCardInsufficient),
        (full, "0", Invalid),
        (full, "0.001", Invalid),
        (frozen, "-1", NotAllowedNow),
        (ended, "-1", NotAllowedNow),
        (ended, "1", NotAllowedNow),
    ]
    for card, amount, refusal in cases:
        with pytest.raises(refusal), transaction.atomic():
            adjust_gift_card(card_id=card.pk, amount=Decimal(amount), reason="x", by=TESTS)
    assert [fresh_card(card).balance for card in (full, frozen, ended)] == [50, 50, 50]
    adjust_gift_card(card_id=frozen.pk, amount=Decimal(1), reason="x", by=TESTS)
    assert fresh_card(frozen).balance == 51
