"""The verbs of payments."""

from payments.services.record import record_manual_payment
from payments.services.refund import refund_cancelled_units, refund_payment

__all__ = ["record_manual_payment", "refund_cancelled_units", "refund_payment"]
