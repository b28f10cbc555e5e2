"""What happens to money, in the past tense: facts about the order it belongs to."""

from dataclasses import dataclass

from orders.events import OrderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(OrderEvent):
    """Money for the order has arrived."""

    payment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSucceeded(OrderEvent):
    """Money of the order has gone back."""

    payment_id: str
    refund_id: int
