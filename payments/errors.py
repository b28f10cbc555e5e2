"""What payments refuse."""

from kernel.errors import Refused, Unavailable


class PaymentMismatch(Refused):
    code = "payment_mismatch"
    title = "Payment mismatch"
    detail = "The amount is not what is due."


class AmountExceedsCaptured(Refused):
    code = "amount_exceeds_captured"
    title = "Amount exceeds captured"
    detail = "More than can still be refunded."


class ProviderRefused(Refused):
    """The provider said no, definitely; `provider_code` is its word for why."""

    code = "provider_refused"
    title = "Provider refused"
    detail = "The provider refused."


class ProviderBusy(Unavailable):
    code = "provider_unavailable"
    title = "Provider unavailable"
    detail = "The provider cannot be asked at the moment. Nothing is lost; try again shortly."
