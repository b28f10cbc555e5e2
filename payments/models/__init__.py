"""The tables of payments."""

from payments.models.case import MoneyCase
from payments.models.gift_card import GiftCard, GiftCardEntry
from payments.models.operation import Operation, WebhookEvent
from payments.models.payment import Capture, Dispute, Payment, Refund, RefundLine
from payments.models.reconciliation import Difference, ReconciliationRun
from payments.models.reminder import PaymentReminder

__all__ = [
    "Capture",
    "Difference",
    "Dispute",
    "GiftCard",
    "GiftCardEntry",
    "MoneyCase",
    "Operation",
    "Payment",
    "PaymentReminder",
    "ReconciliationRun",
    "Refund",
    "RefundLine",
    "WebhookEvent",
]
