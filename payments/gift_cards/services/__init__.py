"""The verbs of gift cards.

Refunds in `payments.services` call those of the first four modules, and the others call `payments.services`: the
first four are complete by the time the two packages meet.
"""

from payments.gift_cards.services.back import credit_refund
from payments.gift_cards.services.balance import usable_card
from payments.gift_cards.services.expire import expire_due_cards
from payments.gift_cards.services.freeze import (
    freeze_cancelled_gift_cards,
    freeze_cards_bought_with,
    freeze_gift_card,
    unfreeze_gift_card,
)
from payments.gift_cards.services.issue import Terms, code_of, issue_bought_gift_cards, issue_gift_card
from payments.gift_cards.services.spend import spend_gift_card
from payments.gift_cards.services.staff import CardChanges, adjust_gift_card, change_gift_card

__all__ = [
    "CardChanges",
    "Terms",
    "adjust_gift_card",
    "change_gift_card",
    "code_of",
    "credit_refund",
    "expire_due_cards",
    "freeze_cancelled_gift_cards",
    "freeze_cards_bought_with",
    "freeze_gift_card",
    "issue_bought_gift_cards",
    "issue_gift_card",
    "spend_gift_card",
    "unfreeze_gift_card",
    "usable_card",
]
