"""Goods on their way between our own warehouses."""

from typing import Self

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Concat

from audit.history import Tracked
from inventory.callers import own_warehouses

NEXT_NUMBER = Concat(
    Value("T"),
    Cast(Func(Value("inventory_transfer_number"), function="nextval"), models.TextField()),
    output_field=models.CharField(),
)


class TransferQuerySet(models.QuerySet["Transfer"]):
    """Reads of transfers."""

    def visible_to(self, caller: object) -> Self:
        """Those that leave or reach a warehouse of the caller's."""
        own = own_warehouses(caller)
        if own is None:
            return self.all()
        return self.filter(Q(source__code__in=sorted(own)) | Q(target__code__in=sorted(own)))

    def whole(self) -> Self:
        return self.select_related("source", "target").prefetch_related("lines__item")


class Transfer(Tracked):
    """Units that left one warehouse for another. On the way they lie on no shelf; the lines say how many there are."""

    class State(models.TextChoices):
        IN_TRANSIT = "in_transit", "in transit"
        RECEIVED = "received"
        CANCELLED = "cancelled"

    number = models.CharField(max_length=20, unique=True, db_default=NEXT_NUMBER)
    source = models.ForeignKey("inventory.Warehouse", models.PROTECT, related_name="sent", verbose_name="from")
    target = models.ForeignKey("inventory.Warehouse", models.PROTECT, related_name="awaited", verbose_name="to")
    state = models.CharField(max_length=10, choices=State, default=State.IN_TRANSIT)
    loss_reason = models.CharField(max_length=200, blank=True, help_text="Why less arrived than was sent.")
    sent_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta(Tracked.Meta):
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["in_transit", "received", "cancelled"]), name="transfer_state_known"
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="transfer_between_two_warehouses"),
            models.CheckConstraint(
                condition=Q(state="in_transit", closed_at=None) | (~Q(state="in_transit") & Q(closed_at__isnull=False)),
                name="transfer_closed_has_its_time",
            ),
        )
        indexes = (models.Index(fields=("target",), condition=Q(state="in_transit"), name="transfer_awaited"),)

    def __str__(self) -> str:
        return self.number

    @property
    def cause(self) -> str:
        """What its movements name."""
        return f"transfer:{self.number}"


class TransferLine(Tracked):
    """Units of one item in a transfer: how many were sent and, once it is over, how many arrived."""

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="lines")
    item = models.ForeignKey("inventory.StockItem", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    received = models.PositiveIntegerField(null=True, blank=True)

    class Meta(Tracked.Meta):
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("transfer", "item"), name="transfer_line_once_per_item"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="transfer_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(received=None) | Q(received__lte=F("quantity")), name="transfer_line_receives_what_was_sent"
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} of {self.item} in {self.transfer}"
