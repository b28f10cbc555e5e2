"""Returns: what the customer sends back, and what became of it."""

from decimal import Decimal
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from audit.history import Tracked
from inventory.models import Warehouse
from orders.models.order import Order, OrderLine, amount_field
from orders.models.shipment import Shipment
from orders.states import Condition, Disposition, LabelPayer, ReturnReason, ReturnState


def place_for_photo(unit: "ReturnUnit | None", name: str) -> str:
    """Where a photo lies: below what no address leads to without a signature, under a name that says nothing."""
    return f"returns/{uuid4().hex}.{name.rpartition('.')[2]}"


class Return(Tracked):
    """A return authorisation (RMA) for units of one order: delivered ones, or those of an undelivered package."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="returns")
    number = models.CharField(max_length=30, unique=True)
    status = models.CharField(max_length=10, choices=ReturnState, default=ReturnState.REQUESTED)
    note = models.CharField(max_length=500, blank=True)
    override = models.CharField(
        max_length=200, blank=True, db_default="", help_text="Why staff opened it against the rules."
    )
    label_paid_by = models.CharField(
        max_length=10, choices=LabelPayer, default=LabelPayer.CUSTOMER, db_default=LabelPayer.CUSTOMER
    )
    fee = amount_field(default=Decimal(0), db_default=Decimal(0), help_text="Kept of what was paid.")
    shipping = amount_field(
        default=Decimal(0), db_default=Decimal(0), help_text="Of the order's shipping, given back with this return."
    )
    shipment = models.ForeignKey(
        Shipment, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text="The package that the carrier brings back undelivered; empty: the customer sends it.",
    )  # fmt: skip
    exchange_order = models.OneToOneField(Order, models.PROTECT, null=True, blank=True, related_name="exchange_of")
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)

    class Meta(Tracked.Meta):
        ordering = ("id",)
        indexes = (models.Index(fields=("status", "-id"), name="return_by_status"),)
        constraints = (
            models.CheckConstraint(condition=Q(fee__gte=0, shipping__gte=0), name="return_amounts_not_negative"),
        )

    def __str__(self) -> str:
        return self.number


class ReturnLine(Tracked):
    """Units of one line coming back: asked for, then received. The fee's terms are those of the day it was asked."""

    Reason = ReturnReason
    Condition = Condition

    ret = models.ForeignKey(Return, models.PROTECT, related_name="lines", verbose_name="return")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField()
    reason = models.CharField(max_length=20, choices=ReturnReason)
    fee_percent = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0), db_default=Decimal(0))
    fee_amount = amount_field(default=Decimal(0), db_default=Decimal(0))
    refund_shipping = models.BooleanField(default=False, db_default=False)
    received = models.PositiveIntegerField(default=0)
    condition = models.CharField(
        max_length=10, choices=Condition, blank=True, help_text="The worst among the units received."
    )
    restocked = models.PositiveIntegerField(default=0)
    value = amount_field(null=True, blank=True, help_text="What was paid for the units received.")
    exchanged = models.PositiveIntegerField(default=0, db_default=0, help_text="Units replaced instead of refunded.")
    exchange_line = models.ForeignKey(OrderLine, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(Tracked.Meta):
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("ret", "line"), name="return_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, received__lte=F("quantity"), restocked__lte=F("received")),
                name="return_line_counts",
            ),
            models.CheckConstraint(condition=Q(exchanged__lte=F("received")), name="return_line_exchanges_received"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.line_id}"


class ReturnUnit(Tracked):
    """Units of a line that came back alike: how, where to, and what became of them."""

    part = models.ForeignKey(ReturnLine, models.PROTECT, related_name="units", verbose_name="line")
    quantity = models.PositiveIntegerField()
    condition = models.CharField(max_length=10, choices=Condition)
    disposition = models.CharField(max_length=20, choices=Disposition)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+", help_text="Where they were received.")
    note = models.CharField(max_length=500, blank=True)
    photo = models.FileField(upload_to=place_for_photo, blank=True)
    received_at = models.DateTimeField()
    restocked_at = models.DateTimeField(null=True, blank=True, help_text="When they went on sale again.")

    class Meta(Tracked.Meta):
        ordering = ("id",)
        indexes = (
            models.Index(
                fields=("warehouse", "id"),
                condition=Q(disposition="refurbish", restocked_at=None),
                name="return_unit_to_refurbish",
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_unit_quantity_positive"),
            models.CheckConstraint(condition=Q(condition__in=Condition.values), name="return_unit_condition_known"),
            models.CheckConstraint(
                condition=Q(disposition="restock", restocked_at__isnull=False)
                | Q(disposition="refurbish")
                | Q(disposition__in=["scrap", "back_to_supplier"], restocked_at=None),
                name="return_unit_on_sale_by_disposition",
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.condition}, {self.disposition}"
