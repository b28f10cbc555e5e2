"""Units sold beyond the stock."""

from django.db import models
from django.db.models import Q

from audit.history import Tracked


class Backorder(Tracked):
    """Units of one order's line that are sold and not there yet. They count in their item's `waiting`, in no level's
    `reserved`; what comes in is given to whoever has waited longest, which is the lowest id.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        ALLOCATED = "allocated"
        CANCELLED = "cancelled"

    item = models.ForeignKey("inventory.StockItem", models.PROTECT, related_name="backorders", db_index=False)
    # Orders live above this app: known by id and number only.
    order_id = models.BigIntegerField()
    order_line_id = models.BigIntegerField()
    order_number = models.CharField(max_length=20, blank=True)
    quantity = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    promised_on = models.DateField(null=True, blank=True, help_text="What the customer was told.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Tracked.Meta):
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="backorder_quantity_positive"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "allocated", "cancelled"]), name="backorder_state_known"
            ),
        )
        indexes = (
            models.Index(fields=("order_id",), name="backorder_by_order"),
            models.Index(fields=("item", "id"), condition=Q(state="waiting"), name="backorder_waiting"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} of {self.item} for order {self.order_number}"
