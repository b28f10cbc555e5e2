"""What follows from events: e-mails, and a hint to whoever is watching an order."""

from accounts.events import (
    DataExportReady,
    ErasureAsked,
    IdentityLinked,
    PasswordResetRequested,
    RegistrationRepeated,
    SecurityEvent,
    UserRegistered,
)
from accounts.models import User
from audit.relay import present_entry
from catalog.events import BackInStock
from notifications.broadcast import tell_watchers
from notifications.services import (
    queue_gift_card_mail,
    queue_order_mail,
    queue_person_mail,
    queue_security_mail,
    queue_stock_mail,
)
from notifications.states import Kind
from orders.events import (
    OrderCancelled,
    OrderEdited,
    OrderEvent,
    OrderExpired,
    OrderLinesCancelled,
    OrderPaid,
    OrderPlaced,
    ReturnApproved,
    ReturnReceived,
    ReturnRejected,
    ReturnRequested,
    ShipmentShipped,
)
from orders.models import Order, Return
from orders.states import Status
from payments.events import PaymentReminderDue
from payments.gift_cards.events import GiftCardIssued


def email_order_placed(event: OrderPlaced) -> None:
    """Thank the customer."""
    queue_order_mail(kind=Kind.ORDER_PLACED, order_id=event.order_id, version=event.version)


def email_order_paid(event: OrderPaid) -> None:
    """Tell that the money has arrived."""
    queue_order_mail(kind=Kind.ORDER_PAID, order_id=event.order_id, version=event.version)


def email_order_shipped(event: ShipmentShipped) -> None:
    """Tell which parcel left, and how to follow it."""
    queue_order_mail(
        kind=Kind.ORDER_SHIPPED, order_id=event.order_id, version=event.version, shipment_id=event.shipment_id
    )


def email_order_cancelled(event: OrderCancelled | OrderExpired | OrderLinesCancelled) -> None:
    """Tell what will not come, and what is paid back."""
    queue_order_mail(kind=Kind.ORDER_CANCELLED, order_id=event.order_id, version=event.version)


def email_order_edited(event: OrderEdited) -> None:
    """Ask for what an edit made it cost more; else tell what will not come, or how an unpaid order reads now."""
    order = Order.objects.prefetch_related("lines").get(pk=event.order_id)
    if order.status == Status.PENDING:
        kind = Kind.ORDER_PLACED
    elif order.money().outstanding:
        kind = Kind.PAYMENT_REMINDER
    elif any(line.cancelled for line in order.lines.all()):
        kind = Kind.ORDER_CANCELLED
    else:
        return
    queue_order_mail(kind=kind, order_id=event.order_id, version=event.version)


def email_return_requested(event: ReturnRequested) -> None:
    """Tell that it has arrived and will be looked at."""
    queue_order_mail(kind=Kind.RETURN_REQUESTED, order_id=event.order_id, version=event.version)


def email_return_approved(event: ReturnApproved) -> None:
    """Send the way to the label."""
    queue_order_mail(kind=Kind.RETURN_APPROVED, order_id=event.order_id, version=event.version)


def email_return_rejected(event: ReturnRejected) -> None:
    """Tell why not, unless it was the carrier that brought it: the customer had asked for nothing."""
    if Return.objects.filter(pk=event.return_id, shipment=None).exists():
        queue_order_mail(kind=Kind.RETURN_REJECTED, order_id=event.order_id, version=event.version)


def email_return_received(event: ReturnReceived) -> None:
    """Tell what has arrived."""
    queue_order_mail(kind=Kind.RETURN_RECEIVED, order_id=event.order_id, version=event.version)


def email_payment_reminder(event: PaymentReminderDue) -> None:
    """Ask for the money again, with a link that leads straight to paying."""
    queue_order_mail(kind=Kind.PAYMENT_REMINDER, order_id=event.order_id, version=event.version)


def email_gift_card(event: GiftCardIssued) -> None:
    """Send the code to whoever the card is for."""
    queue_gift_card_mail(gift_card_id=event.gift_card_id)


def email_back_in_stock(event: BackInStock) -> None:
    """Tell whoever asked for it."""
    queue_stock_mail(request_id=event.request_id)


def email_verification(event: UserRegistered) -> None:
    """Ask whether the address is the person's, unless an issuer has vouched for it."""
    if User.objects.filter(pk=event.user_id, email_verified_at=None).exists():
        queue_person_mail(kind=Kind.VERIFY_EMAIL, user_id=event.user_id)


def email_password_reset(event: PasswordResetRequested) -> None:
    """Send the key to a new password."""
    queue_person_mail(kind=Kind.PASSWORD_RESET, user_id=event.user_id)


def email_already_registered(event: RegistrationRepeated) -> None:
    """Tell the mailbox, and nobody else, that it has an account."""
    queue_person_mail(kind=Kind.ALREADY_REGISTERED, user_id=event.user_id)


def email_export_ready(event: DataExportReady) -> None:
    """Tell the person that the copy of their data can be fetched."""
    queue_person_mail(kind=Kind.EXPORT_READY, user_id=event.user_id)


def email_account_closed(event: ErasureAsked) -> None:
    """Tell the person when they are erased, and how to take that back."""
    queue_person_mail(kind=Kind.ACCOUNT_CLOSED, user_id=event.user_id)


def email_security_notice(event: SecurityEvent) -> None:
    """Tell the person how their account is come into from now on. A newcomer knows how they came."""
    if not (isinstance(event, IdentityLinked) and event.newcomer):
        queue_security_mail(user_id=event.user_id, fact=present_entry())


def broadcast_status(event: OrderEvent) -> None:
    """Let open sockets know that there is something newer to read."""
    tell_watchers(order_id=event.order_id, version=event.version)
