"""Putting an e-mail together at the moment it is sent: links and keys exist nowhere before."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

from accounts.events import SecurityEvent
from accounts.models import User
from accounts.personal_data.registry import is_pseudonym
from accounts.personal_data.services import keep_account_key
from accounts.services import password_reset_key, verification_key
from audit.relay import event_of
from notifications import links
from notifications.models import Notification
from notifications.rendering import Rendered, render, sample
from notifications.rendering.contexts import (
    Values,
    cancellation_values,
    closing_values,
    gift_card_values,
    notice_values,
    order_values,
    payment_values,
    person_values,
    product_values,
    return_values,
    shipment_values,
    shop_values,
)
from notifications.rendering.stock import low_stock_values
from notifications.services.templates import source_for
from notifications.states import Kind
from orders.models import Order, OrderTransition
from orders.reading import read_subjects
from orders.states import Status
from payments.gift_cards.services import code_of


class NothingToSend(Exception):
    """There is no address to write to, or no longer a reason."""


def compose(mail: Notification) -> Rendered:
    """The e-mail with what is true now. Raises `NothingToSend`."""
    if not mail.recipient or is_pseudonym(mail.recipient):
        raise NothingToSend("There is no address to write to.")
    values = sample(mail.kind) if mail.is_sample else {"shop": shop_values()} | VALUES[Kind(mail.kind)](mail)
    return render(source_for(mail.kind, mail.language), values)


def _order(mail: Notification) -> Order:
    assert mail.order is not None
    return Order.objects.whole().get(pk=mail.order.pk)


def _order_mail(mail: Notification) -> Values:
    return {"order": order_values(_order(mail))}


def _shipped(mail: Notification) -> Values:
    assert mail.shipment is not None
    order = _order(mail)
    mail.shipment.order = order
    return {"order": order_values(order), "shipment": shipment_values(mail.shipment)}


def _cancelled(mail: Notification) -> Values:
    assert mail.version is not None
    order = _order(mail)
    change = OrderTransition.objects.get(order=order, version=mail.version)
    return {"order": order_values(order), "cancellation": cancellation_values(order, change)}


def _return(mail: Notification) -> Values:
    """The return that this change of its order was about, with the reason given then."""
    assert mail.version is not None
    order = _order(mail)
    change = OrderTransition.objects.get(order=order, version=mail.version)
    number = read_subjects(order)[change.version]
    ret = next(found for found in order.returns.all() if found.number == number)
    return {"order": order_values(order), "return": return_values(ret, order, change.reason)}


def _reminder(mail: Notification) -> Values:
    order = _order(mail)
    if order.status == Status.CANCELLED or not order.money().outstanding:
        raise NothingToSend("The order no longer waits for money.")
    return {"order": order_values(order), "payment": payment_values(order)}


def _person(mail: Notification, link: str) -> Values:
    assert mail.user is not None
    return {"person": person_values(mail.user), "link": link}


def _gift_card(mail: Notification) -> Values:
    """With its code, which exists in the mail alone. Raises `NothingToSend` for a card that has been frozen."""
    card = mail.gift_card
    assert card is not None
    if card.frozen_at is not None:
        raise NothingToSend("The gift card is frozen.")
    return {"gift_card": gift_card_values(card, code_of(card))}


def _back_in_stock(mail: Notification) -> Values:
    """Raises `NothingToSend` for what was taken off sale meanwhile, and for somebody who has left."""
    request = mail.stock_request
    assert request is not None
    if request.user is not None and not request.user.is_active:
        raise NothingToSend("The account is closed.")
    if not request.product.on_sale:
        raise NothingToSend("The product is no longer on sale.")
    return {"person": person_values(request.user or User()), "product": product_values(request.product)}


def _low_stock(mail: Notification) -> Values:
    """Raises `NothingToSend` for somebody who works here no longer, and once all is refilled."""
    assert mail.user is not None
    values = low_stock_values(mail.user)
    if not (mail.user.is_active and mail.user.role in settings.STOCK_ALERT_ROLES and values["levels"]):
        raise NothingToSend("Nothing is low where they work.")
    return {"person": person_values(mail.user), "stock": values}


def _key(mail: Notification, key_of: Callable[[int], str]) -> str:
    """A key for the person. Raises `NothingToSend` for one who is no longer welcome."""
    assert mail.user is not None
    if not mail.user.is_active:
        raise NothingToSend("The account is closed.")
    return key_of(mail.user.pk)


def _closed(mail: Notification) -> Values:
    """With the key that takes it back. Raises `NothingToSend` once it was."""
    assert mail.user is not None
    key = keep_account_key(mail.user.pk)
    if key is None or mail.user.erase_at is None:
        raise NothingToSend("The account is open again.")
    return closing_values(mail.user, mail.user.erase_at, links.keep_link(key))


def _noticed(mail: Notification) -> Values:
    """What happened is the fact's, from which device the session's, as long as it is kept."""
    assert mail.user is not None
    assert mail.fact is not None
    event = event_of(mail.fact)
    assert isinstance(event, SecurityEvent)
    session = mail.user.sessions.filter(pk=event.session_id or 0).first()
    return notice_values(mail.user, event, mail.fact, session.device if session else "")


VALUES: dict[Kind, Callable[[Notification], dict[str, Any]]] = {
    Kind.ORDER_PLACED: _order_mail,
    Kind.ORDER_PAID: _order_mail,
    Kind.ORDER_SHIPPED: _shipped,
    Kind.ORDER_CANCELLED: _cancelled,
    Kind.RETURN_REQUESTED: _return,
    Kind.RETURN_APPROVED: _return,
    Kind.RETURN_REJECTED: _return,
    Kind.RETURN_RECEIVED: _return,
    Kind.PAYMENT_REMINDER: _reminder,
    Kind.GIFT_CARD: _gift_card,
    Kind.BACK_IN_STOCK: _back_in_stock,
    Kind.LOW_STOCK: _low_stock,
    Kind.VERIFY_EMAIL: lambda mail: _person(mail, links.verification_link(_key(mail, verification_key))),
    Kind.PASSWORD_RESET: lambda mail: _person(mail, links.reset_link(_key(mail, password_reset_key))),
    Kind.ALREADY_REGISTERED: lambda mail: _person(mail, links.login_link()),
    Kind.EXPORT_READY: lambda mail: _person(mail, links.export_link()),
    Kind.ACCOUNT_CLOSED: _closed,
    Kind.SECURITY_NOTICE: _noticed,
}
