"""Which e-mails there are, and what can become of one."""

from django.db.models import TextChoices

DEFAULT_LANGUAGE = "en"


class Kind(TextChoices):
    """What an e-mail says."""

    ORDER_PLACED = "order_placed", "Order placed"
    ORDER_PAID = "order_paid", "Order paid"
    ORDER_SHIPPED = "order_shipped", "Parcel shipped"
    ORDER_CANCELLED = "order_cancelled", "Order cancelled"
    RETURN_REQUESTED = "return_requested", "Return asked for"
    RETURN_APPROVED = "return_approved", "Return approved"
    RETURN_REJECTED = "return_rejected", "Return rejected"
    RETURN_RECEIVED = "return_received", "Return received"
    PAYMENT_REMINDER = "payment_reminder", "Payment still awaited"
    GIFT_CARD = "gift_card", "Gift card"
    BACK_IN_STOCK = "back_in_stock", "Back in stock"
    LOW_STOCK = "low_stock", "Stock runs low"
    VERIFY_EMAIL = "verify_email", "Address to be verified"
    PASSWORD_RESET = "password_reset", "New password asked for"
    ALREADY_REGISTERED = "already_registered", "Registered again"
    EXPORT_READY = "export_ready", "Copy of one's data ready"
    ACCOUNT_CLOSED = "account_closed", "Account closed"
    SECURITY_NOTICE = "security_notice", "Way to sign in changed"


class DeliveryStatus(TextChoices):
    """Where one e-mail stands.

    `unsure`: the worker died, or the line broke, between handing it over and hearing the answer. It may have
    arrived, so only a person sends it again.
    """

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure", "In doubt"
