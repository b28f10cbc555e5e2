"""What a payment and a refund can be."""

from django.db.models import TextChoices


class Provider(TextChoices):
    """Who moves the money."""

    MANUAL = "manual"


class PaymentStatus(TextChoices):
    """Where one attempt to pay stands. A refund does not change it: that money was captured all the same."""

    CREATED = "created"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    FAILED = "failed"
    VOIDED = "voided"
    UNKNOWN = "unknown", "Unknown: the provider has not said yet"


class RefundStatus(TextChoices):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class RefundCause(TextChoices):
    """Why money goes back: what is given back for cancelled units is told apart from what staff give freely."""

    CANCELLED = "cancelled", "Units were cancelled"
    REQUESTED = "requested", "Staff decided so"


# A member of staff hands the money over before recording it, both ways: nobody has to be asked.
PAID_BY_HAND = frozenset({Provider.MANUAL})
