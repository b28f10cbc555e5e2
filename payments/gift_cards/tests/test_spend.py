from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from audit.models import LogEntry
from kernel.errors import Invalid, NotAllowedNow, Refused
from orders.services import cancel_order
from orders.tests.factories import TESTS, fresh, place
from payments.errors import PaymentMismatch
from payments.gift_cards.errors import GiftCardInsufficient, GiftCardNotUsable
from payments.gift_cards.services import freeze_gift_card, spend_gift_card
from payments.gift_cards.tests.factories import (
    card_of,
    entries,
    fresh_card,
    gift_card_product,
    order_of,
    past_its_time,
)
from payments.models import GiftCard, GiftCardEntry, Payment
from payments.services import refund_payment
from payments.services.refund import Wanted
from payments.tests.factories import broken_promises, paid_by_hand

pytestmark = pytest.mark.django_db
DUE = Decimal(29)  # a mug of 20.00, tax and sending


def test_a_card_that_holds_enough_pays_all_that_is_due() -> None:
    order, (card, code) = order_of(), card_of("50.00")
    payment = spend_gift_card(order_id=order.pk, code=code.lower(), by=TESTS)
    assert (payment.provider, payment.status, payment.captured, payment.gift_card) == (
        "gift_card",
        "captured",
        DUE,
        card,
    )
    assert (fresh(order).status, fresh(order).captured_total) == ("paid", DUE)
    assert (fresh_card(card).balance, entries(card)) == (21, [("issued", 50), ("spent", -29)])
    assert LogEntry.objects.filter(name__in=["PaymentCaptured", "OrderPaid"]).count() == 2
    assert broken_promises() == []


def test_a_card_that_holds_less_pays_a_part_and_the_rest_is_paid_otherwise() -> None:
    order, (card, code) = order_of(), card_of("10.00")
    assert spend_gift_card(order_id=order.pk, code=code, by=TESTS).amount == 10
    assert (fresh(order).status, fresh(order).payment_status) == ("pending", "partially_paid")
    paid_by_hand(fresh(order))
    assert (fresh(order).status, fresh(order).captured_total, fresh_card(card).balance) == ("paid", DUE, 0)
    assert broken_promises() == []


def test_two_cards_and_a_part_of_each() -> None:
    order, (_, first), (second, other) = order_of(), card_of("15.00"), card_of("50.00")
    spend_gift_card(order_id=order.pk, code=first, amount=Decimal("15.00"), by=TESTS)
    spend_gift_card(order_id=order.pk, code=other, by=TESTS)
    assert (fresh(order).status, fresh_card(second).balance) == ("paid", 36)


def refused(order: object, code: str, amount: str | None = None) -> Refused:
    """The refusal, with a look that nothing has happened."""
    before = list(GiftCard.objects.values_list("balance", flat=True))
    with pytest.raises(Refused) as caught, transaction.atomic():
        spend_gift_card(order_id=order.pk, code=code, amount=Decimal(amount) if amount else None, by=TESTS)
    assert list(GiftCard.objects.values_list("balance", flat=True)) == before
    assert not Payment.objects.filter(provider="gift_card").exists()
    assert not GiftCardEntry.objects.filter(kind="spent").exists()
    return caught.value


def test_unknown_frozen_and_expired_codes_are_refused_alike() -> None:
    order = order_of()
    frozen, frozen_code = card_of()
    freeze_gift_card(card_id=frozen.pk, reason="Stolen", by=TESTS)
    expired, expired_code = card_of()
    past_its_time(expired)
    refusals = [refused(order, code) for code in ("A0B1-C2D3-E4F5-G6H7", "nonsense", frozen_code, expired_code)]
    assert {type(found) for found in refusals} == {GiftCardNotUsable}
    assert len({(found.text, repr(found.problems), repr(found.extra)) for found in refusals}) == 1


def test_more_than_the_card_holds_is_refused() -> None:
    found = refused(order_of(), card_of("10.00")[1], "10.01")
    assert (type(found), found.extra) == (GiftCardInsufficient, {"balance": "10.00"})


def test_an_empty_card_pays_nothing() -> None:
    card, code = card_of("29.00")
    spend_gift_card(order_id=order_of().pk, code=code, by=TESTS)
    with pytest.raises(GiftCardInsufficient), transaction.atomic():
        spend_gift_card(order_id=order_of().pk, code=code, by=TESTS)
    assert (fresh_card(card).balance, Payment.objects.count()) == (0, 1)


@pytest.mark.parametrize(("amount", "refusal"), [("29.01", PaymentMismatch), ("0", Invalid), ("1.001", Invalid)])
def test_amounts_that_are_not_due_are_refused(amount: str, refusal: type[Refused]) -> None:
    assert type(refused(order_of(), card_of()[1], amount)) is refusal


def test_a_card_of_another_currency_is_refused() -> None:
    assert type(refused(order_of(), card_of(currency="USD")[1])) is PaymentMismatch


def test_a_cancelled_order_takes_no_money() -> None:
    order = order_of()
    cancel_order(order_id=order.pk, reason="x", by=TESTS)
    assert type(refused(order, card_of()[1])) is NotAllowedNow


def test_gift_cards_do_not_buy_gift_cards() -> None:
    gift_card_product()
    assert type(refused(place(("GIFT-25", 1)), card_of()[1])) is NotAllowedNow


def test_what_is_refunded_goes_back_onto_the_card() -> None:
    order, (card, code) = order_of(), card_of("50.00")
    payment = spend_gift_card(order_id=order.pk, code=code, by=TESTS)
    refund = refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(4)), reason="Scratched", by=TESTS)
    entry = card.entries.first()
    assert (entry.kind, entry.amount, entry.refund_id, entry.payment_id) == ("refunded", 4, refund.pk, payment.pk)
    assert (fresh_card(card).balance, fresh(order).refunded_total) == (25, 4)
    assert broken_promises() == []


def test_a_refund_to_a_card_that_has_ended_can_be_spent_for_ninety_days() -> None:
    order, (card, code) = order_of(), card_of("50.00")
    payment = spend_gift_card(order_id=order.pk, code=code, by=TESTS)
    GiftCard.objects.filter(pk=card.pk).update(expires_at=timezone.now())
    refund_payment(payment_id=payment.pk, reason="Returned", by=TESTS)
    left = fresh_card(card).expires_at - timezone.now()
    assert timedelta(days=89) < left <= timedelta(days=90)
    assert spend_gift_card(order_id=order_of().pk, code=code, by=TESTS).amount == DUE
    assert broken_promises() == []


def test_a_refund_shortens_no_cards_time() -> None:
    payment = spend_gift_card(order_id=order_of().pk, code=card_of()[1], by=TESTS)
    before = payment.gift_card.expires_at
    refund_payment(payment_id=payment.pk, reason="Returned", by=TESTS)
    assert fresh_card(payment.gift_card).expires_at == before


def test_a_card_that_never_ends_goes_on_without_an_end(settings) -> None:
    settings.GIFT_CARD_MONTHS = 0
    payment = spend_gift_card(order_id=order_of().pk, code=card_of()[1], by=TESTS)
    refund_payment(payment_id=payment.pk, reason="Returned", by=TESTS)
    assert fresh_card(payment.gift_card).expires_at is None
