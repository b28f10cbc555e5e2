import pytest
from django.utils import timezone

from accounts.events import PasswordResetRequested, RegistrationRepeated, UserRegistered
from accounts.tests.factories import UserFactory
from audit.events import Event
from audit.relay import subscriptions
from notifications import handlers
from notifications.models import Notification
from notifications.services import send_due
from orders import events
from orders.models import Order, Return
from orders.services import (
    Wish,
    cancel_order,
    expire_order,
    pack_shipment,
    reject_return,
    request_return,
    return_to_sender,
    ship_shipment,
)
from orders.tests.factories import TESTS, buyable, delivered, paid, place, shipped
from payments.gift_cards.events import GiftCardIssued
from payments.gift_cards.services import code_of, freeze_gift_card, issue_bought_gift_cards
from payments.gift_cards.tests.factories import card_of, gift_card_product
from payments.services import record_manual_payment

pytestmark = pytest.mark.django_db


def mails() -> list[tuple[str, int]]:
    return list(Notification.objects.order_by("pk").values_list("kind", "version"))


def all_events(base: type[Event]) -> set[str]:
    return {name for event in base.__subclasses__() for name in {event.__name__, *all_events(event)}}


def test_an_order_from_start_to_door(mailoutbox) -> None:
    buyable("MUG", price="10.00")
    order = paid(("MUG", 3))
    parcel = pack_shipment(order_id=order.pk, lines={order.lines.get().pk: 2}, by=TESTS)
    ship_shipment(shipment_id=parcel.pk, carrier="DHL", tracking_number="T-9", by=TESTS)
    handlers.email_order_placed(events.OrderPlaced(order_id=order.pk, version=1))
    handlers.email_order_paid(events.OrderPaid(order_id=order.pk, version=2))
    handlers.email_order_shipped(events.ShipmentShipped(order_id=order.pk, version=4, shipment_id=parcel.pk))
    assert send_due() == 3
    number = order.number
    assert [message.subject for message in mailoutbox] == [
        f"We have your order {number}",
        f"Your payment for {number} has arrived",
        f"A part of your order {number} is on its way",
    ]
    assert "with DHL, tracking number T-9" in mailoutbox[2].body
    assert "2 × Mug\n" in mailoutbox[2].body


def test_the_last_parcel_says_that_all_has_left(mailoutbox) -> None:
    buyable()
    order = shipped()
    event = events.ShipmentShipped(order_id=order.pk, version=order.version, shipment_id=order.shipments.get().pk)
    handlers.email_order_shipped(event)
    send_due()
    assert mailoutbox[0].subject == f"Your order {order.number} is on its way"


def test_told_twice_is_written_once(mailoutbox) -> None:
    buyable()
    event = events.OrderPlaced(order_id=place().pk, version=1)
    handlers.email_order_placed(event)
    handlers.email_order_placed(event)
    assert mails() == [("order_placed", 1)]
    assert (send_due(), len(mailoutbox)) == (1, 1)


def test_a_cancelled_an_expired_and_a_shortened_order_each_say_so(mailoutbox) -> None:
    buyable("MUG", price="10.00")
    whole, late, part = paid(("MUG", 1)), place(), paid(("MUG", 2))
    cancel_order(order_id=whole.pk, reason="Ordered twice", by=TESTS)
    Order.objects.filter(pk=late.pk).update(expires_at=timezone.now())
    expire_order(order_id=late.pk, by=TESTS)
    cancel_order(order_id=part.pk, reason="Too many", lines={part.lines.get().pk: 1}, by=TESTS)
    handlers.email_order_cancelled(events.OrderCancelled(order_id=whole.pk, version=3))
    handlers.email_order_cancelled(events.OrderExpired(order_id=late.pk, version=2))
    handlers.email_order_cancelled(events.OrderLinesCancelled(order_id=part.pk, version=3))
    assert send_due() == 3
    assert [message.subject for message in mailoutbox] == [
        f"Your order {whole.number} is cancelled",
        f"Your order {late.number} has expired",
        f"A part of your order {part.number} is cancelled",
    ]
    assert "Reason: Ordered twice" in mailoutbox[0].body
    assert "Goes back to you in all: €17.00" in mailoutbox[0].body
    assert "Goes back to you" not in mailoutbox[1].body
    assert "1 × Mug\n" in mailoutbox[2].body
    assert "Goes back to you in all: €12.00" in mailoutbox[2].body


def test_nobody_is_told_that_a_return_is_rejected_which_the_carrier_had_brought() -> None:
    buyable()
    for opened, kinds in ((carriers, []), (customers, ["return_rejected"])):
        ret = opened()
        reject_return(return_id=ret.pk, reason="By mistake", by=TESTS)
        version = Order.objects.get(pk=ret.order_id).version
        event = events.ReturnRejected(order_id=ret.order_id, version=version, return_id=ret.pk)
        handlers.email_return_rejected(event)
        assert [kind for kind, _ in mails()] == kinds


def carriers() -> Return:
    return return_to_sender(shipment_id=shipped().shipments.get().pk, by=TESTS)


def customers() -> Return:
    order = delivered()
    return request_return(order_id=order.pk, wishes=[Wish(order.lines.get().pk, 1, "other")], by=TESTS)


def test_people_are_written_to_about_their_accounts(mailoutbox) -> None:
    person = UserFactory(unverified=True)
    handlers.email_verification(UserRegistered(user_id=person.pk))
    handlers.email_password_reset(PasswordResetRequested(user_id=person.pk))
    handlers.email_already_registered(RegistrationRepeated(user_id=person.pk))
    assert send_due() == 3
    assert [message.subject for message in mailoutbox] == [
        "Please confirm your e-mail address",
        "Choose a new password",
        "You already have an account",
    ]
    assert {tuple(message.to) for message in mailoutbox} == {(person.email,)}


def test_an_address_that_is_proven_is_not_asked_about(mailoutbox) -> None:
    handlers.email_verification(UserRegistered(user_id=UserFactory().pk))
    assert (send_due(), mailoutbox) == (0, [])


def test_whoever_a_gift_card_is_for_is_sent_its_code_once(mailoutbox) -> None:
    card, code = card_of("25.00", recipient_email="ada@example.com")
    handlers.email_gift_card(GiftCardIssued(gift_card_id=card.pk))
    handlers.email_gift_card(GiftCardIssued(gift_card_id=card.pk))
    assert send_due() == 1
    (message,) = mailoutbox
    assert (message.subject, message.to) == ("A gift card of €25.00 from Waybill", ["ada@example.com"])
    assert f"\n{code}\n" in message.body
    assert code in message.alternatives[0].content
    assert code not in repr(list(Notification.objects.values()))


def test_the_code_of_a_frozen_gift_card_is_not_sent(mailoutbox) -> None:
    card, _ = card_of(recipient_email="ada@example.com")
    handlers.email_gift_card(GiftCardIssued(gift_card_id=card.pk))
    freeze_gift_card(card_id=card.pk, reason="Mistake", by=TESTS)
    assert (send_due(), mailoutbox) == (0, [])
    assert Notification.objects.get().status == "failed"


def test_whoever_bought_gift_cards_is_sent_each(mailoutbox) -> None:
    gift_card_product("GIFT-25", "25.00")
    order = place(("GIFT-25", 2))
    record_manual_payment(order_id=order.pk, by=TESTS)
    cards = issue_bought_gift_cards(order_id=order.pk, by=TESTS)
    for card in cards:
        handlers.email_gift_card(GiftCardIssued(gift_card_id=card.pk))
    assert send_due() == 2
    assert {tuple(message.to) for message in mailoutbox} == {("guest@example.com",)}
    assert all(f"thank you for your order {order.number}" in message.body for message in mailoutbox)
    assert all(code_of(card) in message.body for card, message in zip(cards, mailoutbox, strict=True))


def test_every_change_of_an_order_reaches_whoever_watches() -> None:
    abstract = {"ShipmentEvent", "ReturnEvent", "PaymentEvent"}
    # These come with a change of the order that tells of itself.
    silent = {"PaymentCaptured", "PaymentFailed", "RefundSucceeded", "DisputeOpened"}
    heard = {event.__name__ for event, told in subscriptions().items() if handlers.broadcast_status in told}
    assert all_events(events.OrderEvent) - abstract - silent == heard
