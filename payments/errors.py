"""What payments refuse."""

from kernel.errors import Refused


class PaymentMismatch(Refused):
    code = "payment_mismatch"
    title = "Payment mismatch"
    detail = "The amount is not what is due."


class AmountExceedsCaptured(Refused):
    code = "amount_exceeds_captured"
    title = "Amount exceeds captured"
    detail = "More than can still be refunded."
