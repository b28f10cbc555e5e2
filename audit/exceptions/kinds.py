"""Which exceptions there are, who sees each kind and how soon somebody should have looked at it."""

from datetime import timedelta

from django.conf import settings
from django.db.models import TextChoices


class ExceptionKind(TextChoices):
    SHORTFALL = "shortfall", "Shortfall"
    OVERSOLD = "oversold", "Oversold"
    PAYMENT_MISMATCH = "payment_mismatch", "Payment mismatch"
    ADDRESS = "address", "Address"
    FAILING_WEBHOOK = "failing_webhook", "Failing webhook"
    LATE_TO_SHIP = "late_to_ship", "Late to ship"
    CARRIER_EXCEPTION = "carrier_exception", "Carrier exception"
    STUCK_REFUND = "stuck_refund", "Stuck refund"
    PARKED_EVENT = "parked_event", "Parked event"
    STUCK = "stuck", "Order stuck"


ADVICE: dict[str, str] = {
    ExceptionKind.SHORTFALL: "Count the shelf, receive what is on its way, or transfer from another warehouse.",
    ExceptionKind.OVERSOLD: "Find the goods elsewhere, or agree with the customer on a later date, other goods or "
    "their money back.",
    ExceptionKind.PAYMENT_MISMATCH: "Compare the order with the provider's page of the payment, then do what its money "
    "case says.",
    ExceptionKind.ADDRESS: "Ask the customer where it should go, change the address, then release the hold.",
    ExceptionKind.FAILING_WEBHOOK: "Read its last error, mend the cause, then replay it or send it again.",
    ExceptionKind.LATE_TO_SHIP: "Pack and ship it next, or tell the customer the new date.",
    ExceptionKind.CARRIER_EXCEPTION: "Ask the carrier where it is. When it brings the package back, press Came "
    "back; when nobody finds it, Mark as lost, and give the money back.",
    ExceptionKind.STUCK_REFUND: "Look the refund up at the provider; pay it out another way if it will not come.",
    ExceptionKind.PARKED_EVENT: "Read its last error, mend the cause, then replay it.",
    ExceptionKind.STUCK: "See what it waits for: money, goods, or the carrier; help it on, or cancel it.",
}


def due_after(kind: str) -> timedelta:
    """How soon somebody should have dealt with one (`EXCEPTION_DUE_HOURS`)."""
    return timedelta(hours=settings.EXCEPTION_DUE_HOURS[kind])


def kinds_of(role: str | None) -> list[str]:
    """The kinds that people of this role see; admins all, customers and partners none."""
    if role == "admin":
        return list(ExceptionKind.values)
    return [kind for kind in ExceptionKind.values if role in settings.EXCEPTION_ROLES[kind]]


def hidden_from(role: str | None) -> list[str]:
    """The subjects that are for others who see the same kind (`EXCEPTION_SUBJECT_ROLES`)."""
    if role == "admin":
        return []
    return [subject for subject, roles in settings.EXCEPTION_SUBJECT_ROLES.items() if role not in roles]
