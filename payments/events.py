"""What happens to money, in the past tense: facts about the order it belongs to."""

from dataclasses import dataclass

from orders.events import OrderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent(OrderEvent):
    """A fact about one payment of an order."""

    payment_id: str


class PaymentCaptured(PaymentEvent):
    """Money for the order has arrived."""


class PaymentFailed(PaymentEvent):
    """The provider refused; the order stays open and can be paid again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSucceeded(PaymentEvent):
    """Money of the order has gone back."""

    refund_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOpened(PaymentEvent):
    """The customer's bank asks for the money back."""

    dispute_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReminderDue(OrderEvent):
    """The customer is asked for the money again; `rung` says for which time."""

    rung: int
