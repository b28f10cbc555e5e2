"""What runs, differences, requests and events of the WMS link can be."""

from django.db.models import TextChoices


class RunKind(TextChoices):
    """How much is asked for."""

    SNAPSHOT = "snapshot", "All stock"
    CHANGES = "changes", "What changed"


class DifferenceState(TextChoices):
    """What became of one number that differs from ours."""

    APPLIED = "applied"
    REFUSED = "refused"
    QUARANTINED = "quarantined", "Waits for a person"
    APPROVED = "approved"
    IGNORED = "ignored"
    OVERTAKEN = "overtaken", "A newer number came"


class Why(TextChoices):
    """Why a number was not taken over."""

    NONE = "", "-"
    INVALID = "invalid", "It cannot be read"
    UNKNOWN_SKU = "unknown_sku", "Unknown SKU"
    UNKNOWN_WAREHOUSE = "unknown_warehouse", "Unknown warehouse"
    STALE = "stale", "A newer number is known"
    FUTURE = "future", "It is from the future"
    DROP = "absurd_drop", "Drop beyond tolerance"
    RISE = "absurd_rise", "Rise beyond tolerance"


class RequestKind(TextChoices):
    """What a WMS is asked, or told."""

    FULFIL = "fulfil", "Pack and ship"
    HOLD = "hold", "Wait"
    CANCEL = "cancel", "Do not ship"
    SHIPPED = "shipped", "Shipped by our own people"


class RequestState(TextChoices):
    PENDING = "pending", "Not sent yet"
    UNKNOWN = "unknown", "Sent, without a clear answer"
    ACCEPTED = "accepted"
    REFUSED = "refused", "The WMS said no"
    NEEDLESS = "needless", "Overtaken before it was sent"


class EventState(TextChoices):
    """Of an event that a WMS has sent."""

    RECEIVED = "received"
    HANDED = "handed", "Handed to orders"
    PROCESSED = "processed"
    PARKED = "parked"


UNSENT = (RequestState.PENDING, RequestState.UNKNOWN)
