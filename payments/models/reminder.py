"""Asking again for money that did not come."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from orders.models import Order


class PaymentReminder(models.Model):
    """One rung of the ladder of reminders of an order whose payment failed."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="payment_reminders")
    rung = models.PositiveSmallIntegerField(help_text="From 1.")
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it was sent, or found to be needless.")
    is_sent = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("order", "rung"), name="payment_reminder_once_per_rung"),)
        indexes = (models.Index(fields=("due_at",), condition=Q(ended_at=None), name="payment_reminder_due"),)

    def __str__(self) -> str:
        return f"{self.order_id} reminder {self.rung}"
