"""Packages."""

from django.db import models
from django.db.models import Q

from audit.history import Tracked
from inventory.models import Warehouse
from orders.models.order import Order, OrderLine
from orders.querysets import ShipmentQuerySet
from orders.states import CARRIER_TROUBLE, ShipmentStatus


class Shipment(Tracked):
    """One package from one warehouse. The carrier's own words are kept apart, in `carrier_status`."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="shipments")
    number = models.CharField(max_length=30, unique=True)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=ShipmentStatus, default=ShipmentStatus.PACKED)
    carrier = models.CharField(max_length=50, blank=True)
    tracking_number = models.CharField(max_length=100, blank=True, db_index=True)
    carrier_status = models.CharField(max_length=100, blank=True)
    weight_grams = models.PositiveIntegerField(null=True, blank=True, help_text="As it was weighed; empty: it was not.")
    packed_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = ShipmentQuerySet.as_manager()

    class Meta(Tracked.Meta):
        ordering = ("id",)
        indexes = (
            models.Index(fields=("status", "-id"), name="shipment_by_status"),
            models.Index(
                fields=("id",),
                condition=Q(status="shipped", carrier_status__in=CARRIER_TROUBLE),
                name="shipment_in_trouble",
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def cause(self) -> str:
        """As the movements of its units name it."""
        return f"shipment:{self.number}"


class ShipmentLine(Tracked):
    """How many units of a line are in the package."""

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="shipment_lines")
    quantity = models.PositiveIntegerField()

    class Meta(Tracked.Meta):
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("shipment", "line"), name="shipment_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shipment_line_quantity_positive"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.line_id}"
