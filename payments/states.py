"""What payments, refunds and their company can be."""

from django.db.models import TextChoices


class Provider(TextChoices):
    """Who moves the money."""

    MANUAL = "manual", "Manual"
    GIFT_CARD = "gift_card", "Gift card"
    STRIPE = "stripe", "Stripe"
    PAYPAL = "paypal", "PayPal"


class PaymentStatus(TextChoices):
    """Where one attempt to pay stands. A refund does not change it: that money was captured all the same."""

    CREATED = "created"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    FAILED = "failed"
    VOIDED = "voided"
    UNKNOWN = "unknown", "Unknown: the provider has not said yet"


class TransferStatus(TextChoices):
    """Of a capture or a refund: money on one way."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class RefundCause(TextChoices):
    """Why money goes back: what is given back since it is not owed is told apart from what staff give freely."""

    CANCELLED = "cancelled", "More was paid than is owed"
    REQUESTED = "requested", "Staff decided so"
    EXTERNAL = "external", "Made at the provider"


class OperationKind(TextChoices):
    """What a provider is asked to do."""

    CREATE = "create"
    COMPLETE = "complete", "Take what the customer approved"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class OperationState(TextChoices):
    PENDING = "pending", "Not asked yet"
    UNKNOWN = "unknown", "Asked, without a clear answer"
    DONE = "done"
    FAILED = "failed", "The provider said no"


class DisputeStatus(TextChoices):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class InboxState(TextChoices):
    """Of an event that a provider has sent."""

    RECEIVED = "received"
    PROCESSED = "processed"
    PARKED = "parked"


class CaseKind(TextChoices):
    """Why a person has to look at money."""

    PAYMENT_MISMATCH = "payment_mismatch"
    OVERPAID = "overpaid"
    REFUND_FAILED = "refund_failed"
    CAPTURE_FAILED = "capture_failed"
    AUTHORIZATION_ENDS = "authorization_ends", "An authorisation is about to end"
    DISPUTE = "dispute"
    STUCK = "stuck", "The provider does not answer"


class GiftCardEntryKind(TextChoices):
    ISSUED = "issued"
    SPENT = "spent"
    REFUNDED = "refunded"
    EXPIRED = "expired"
    ADJUSTED = "adjusted"


class DifferenceKind(TextChoices):
    """How our books and a provider's can differ about one of its objects."""

    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    AMOUNT = "amount"
    CURRENCY = "currency"
    STATUS = "status"


class DifferenceState(TextChoices):
    OPEN = "open"
    REPAIRED = "repaired"
    RESOLVED = "resolved"


# An attempt that has brought nothing yet and still may.
NOTHING_YET = frozenset({PaymentStatus.CREATED, PaymentStatus.UNKNOWN, PaymentStatus.FAILED})
# The money has changed hands before it is recorded, both ways: nobody has to be asked.
SETTLED_HERE = frozenset({Provider.MANUAL, Provider.GIFT_CARD})
