"""The verbs of payments."""

from payments.services.attempt import ask_completion, look_up_and_settle, open_payment
from payments.services.authorized import (
    capture_payment,
    capture_shipped,
    give_up_unneeded,
    void_payment,
    warn_of_expiring,
)
from payments.services.late import answer_late_money
from payments.services.operations import perform, perform_due, perform_quietly
from payments.services.record import record_manual_payment
from payments.services.refund import Wanted, refund_cancelled_units, refund_payment
from payments.services.refund_parts import taxed_part
from payments.services.settle import settle

__all__ = [
    "Wanted",
    "answer_late_money",
    "ask_completion",
    "capture_payment",
    "capture_shipped",
    "give_up_unneeded",
    "look_up_and_settle",
    "open_payment",
    "perform",
    "perform_due",
    "perform_quietly",
    "record_manual_payment",
    "refund_cancelled_units",
    "refund_payment",
    "settle",
    "taxed_part",
    "void_payment",
    "warn_of_expiring",
]
