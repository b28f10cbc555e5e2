"""Which e-mails there are, and what can become of one."""

from django.db.models import TextChoices

DEFAULT_LANGUAGE = "en"


class Kind(TextChoices):
    """What an e-mail says."""

    ORDER_PLACED = "order_placed"
    ORDER_PAID = "order_paid"
    ORDER_SHIPPED = "order_shipped"
    ORDER_CANCELLED = "order_cancelled"
    VERIFY_EMAIL = "verify_email"
    PASSWORD_RESET = "password_reset"  # noqa: S105  the name of an e-mail
    ALREADY_REGISTERED = "already_registered"


class DeliveryStatus(TextChoices):
    """Where one e-mail stands.

    `unsure`: the worker died, or the line broke, between handing it over and hearing the answer. It may have
    arrived, so only a person sends it again.
    """

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"
