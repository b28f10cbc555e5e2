"""What staff tell each other about an order."""

from django.db import models

from audit.history import append_only
from orders.models.order import Order


class OrderNote(models.Model):
    """A remark of staff on an order: written once, never shown to the customer."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="notes")
    text = models.CharField(max_length=1000)
    actor = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        triggers = (append_only(),)

    def __str__(self) -> str:
        return f"note {self.pk} on order {self.order_id}"
