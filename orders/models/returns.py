"""Returns: what the customer sends back, and what became of it."""

from django.db import models
from django.db.models import F, Q

from audit.history import Tracked
from orders.models.order import Order, OrderLine
from orders.states import ReturnState


class Return(Tracked):
    """A return authorisation (RMA) for delivered units of one order."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="returns")
    number = models.CharField(max_length=30, unique=True)
    status = models.CharField(max_length=10, choices=ReturnState, default=ReturnState.REQUESTED)
    note = models.CharField(max_length=500, blank=True)
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)

    class Meta(Tracked.Meta):
        ordering = ("id",)
        indexes = (models.Index(fields=("status", "-id"), name="return_by_status"),)

    def __str__(self) -> str:
        return self.number


class ReturnLine(Tracked):
    """Units of one line coming back: asked for, then received."""

    class Reason(models.TextChoices):
        CHANGED_MIND = "changed_mind"
        DAMAGED = "damaged"
        WRONG_ITEM = "wrong_item"
        NOT_AS_DESCRIBED = "not_as_described"
        OTHER = "other"

    class Condition(models.TextChoices):
        NEW = "new"
        OPENED = "opened"
        DAMAGED = "damaged"

    ret = models.ForeignKey(Return, models.PROTECT, related_name="lines", verbose_name="return")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField()
    reason = models.CharField(max_length=20, choices=Reason)
    received = models.PositiveIntegerField(default=0)
    condition = models.CharField(max_length=10, choices=Condition, blank=True)
    restocked = models.PositiveIntegerField(default=0)

    class Meta(Tracked.Meta):
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("ret", "line"), name="return_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, received__lte=F("quantity"), restocked__lte=F("received")),
                name="return_line_counts",
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.line_id}"
