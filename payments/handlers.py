"""What payments do when something happened elsewhere."""

from contextlib import suppress

from django.db import transaction

from api.actors import Actor
from audit.exceptions.models import ExceptionCase
from audit.exceptions.services import ExceptionResolved
from kernel.errors import NotAllowedNow
from orders.events import OrderCancelled, OrderEdited, OrderExpired, OrderLinesCancelled, ShipmentShipped
from orders.tax.booking import take_back_refunded
from payments.events import PaymentCaptured, PaymentFailed, RefundSucceeded
from payments.models import MoneyCase
from payments.reminders import start_reminder_ladder
from payments.services import (
    answer_late_money,
    capture_shipped,
    give_up_unneeded,
    refund_cancelled_units,
    taxed_part,
)
from payments.services.cases import resolve_case


def refund_cancelled(event: OrderCancelled | OrderExpired) -> None:
    """Give back what was paid for an order that nobody wants any more, and close what could still be paid."""
    by = Actor.system("refund_cancelled")
    refund_cancelled_units(order_id=event.order_id, by=by)
    give_up_unneeded(order_id=event.order_id, by=by)


def refund_cancelled_lines(event: OrderLinesCancelled | OrderEdited) -> None:
    """Give back what was paid for the units that are no longer wanted."""
    refund_cancelled_units(order_id=event.order_id, by=Actor.system("refund_cancelled_lines"))


def start_reminders(event: PaymentFailed) -> None:
    """Ask for the money again later, and keep the stock meanwhile."""
    start_reminder_ladder(order_id=event.order_id, by=Actor.system("start_reminders"))


def answer_money(event: PaymentCaptured) -> None:
    """See whether it came too late, or twice."""
    answer_late_money(order_id=event.order_id, by=Actor.system("answer_money"))


def capture_what_left(event: ShipmentShipped) -> None:
    """Take what was only authorised, as the goods leave."""
    capture_shipped(order_id=event.order_id, by=Actor.system("capture_what_left"))


def reverse_tax(event: RefundSucceeded) -> None:
    """Have the tax provider take back what has gone back to the customer."""
    take_back_refunded(
        order_id=event.order_id,
        cause=f"refund:{event.refund_id}",
        amount=taxed_part(event.refund_id),
        by=Actor.system("reverse_tax"),
    )


def resolve_money_case(event: ExceptionResolved) -> None:
    """What a person has said about an exception answers the money case behind it, in their name."""
    found = ExceptionCase.objects.get(pk=event.exception_id)
    if found.subject_type != MoneyCase._meta.label_lower:
        return
    # Somebody who answered the case itself was quicker.
    with suppress(NotAllowedNow), transaction.atomic():
        by = Actor.parse(found.resolved_by)
        resolve_case(case_id=int(found.subject_id), resolution=found.resolution, by=by)
