"""Gift cards: a way to pay, with a ledger of their own."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit.history import Tracked, append_only
from orders.models import OrderLine
from payments.models.amounts import amount_field
from payments.states import GiftCardEntryKind


class GiftCard(Tracked):
    """Money that was promised to whoever knows the code.

    The code itself is stored nowhere: it follows from `seed` and a key of the environment, and is found by its hash.
    """

    code_hash = models.CharField(max_length=64, unique=True, editable=False)
    seed = models.CharField(max_length=64, unique=True, editable=False)
    last4 = models.CharField(max_length=4, help_text="The code's last characters, to tell cards apart.")
    currency = models.CharField(max_length=3)
    balance = amount_field(default=Decimal(0))
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_reason = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    recipient_email = models.EmailField(blank=True)
    note = models.CharField(max_length=500, blank=True, help_text="For staff only.")
    bought_with = models.ForeignKey(
        OrderLine, models.PROTECT, null=True, blank=True, related_name="+", help_text="The order line that bought it."
    )
    unit = models.PositiveIntegerField(default=0, help_text="Which unit of that line, from 1.")
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta(Tracked.Meta):
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(balance__gte=0), name="gift_card_balance_not_negative"),
            models.UniqueConstraint(
                fields=("bought_with", "unit"),
                condition=Q(bought_with__isnull=False),
                name="gift_card_once_per_bought_unit",
            ),
        )

    def __str__(self) -> str:
        return f"…{self.last4}"


class GiftCardEntry(models.Model):
    """One signed step of a card's balance; the only reason it ever changes."""

    card = models.ForeignKey(GiftCard, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=GiftCardEntryKind)
    amount = amount_field(help_text="Positive adds to the balance.")
    payment = models.ForeignKey("payments.Payment", models.PROTECT, null=True, blank=True, related_name="+")
    refund = models.OneToOneField("payments.Refund", models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        triggers = (append_only(),)
        verbose_name_plural = "gift card entries"
        constraints = (
            models.CheckConstraint(condition=~Q(amount=0), name="gift_card_entry_moves_something"),
            models.UniqueConstraint(
                fields=("payment",), condition=Q(kind="spent"), name="gift_card_spent_once_per_payment"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
