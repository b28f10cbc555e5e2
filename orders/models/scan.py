"""What carriers tell about parcels."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from orders.models.shipment import Shipment


class CarrierScan(models.Model):
    """One scan as a carrier has told it: kept once, understood by a worker, parked when its parcel stays unknown."""

    class Status(models.TextChoices):
        IN_TRANSIT = "in_transit"
        OUT_FOR_DELIVERY = "out_for_delivery"
        DELIVERED = "delivered"
        EXCEPTION = "exception"
        RETURNED_TO_SENDER = "returned_to_sender"

    class State(models.TextChoices):
        RECEIVED = "received"
        PROCESSED = "processed"
        PARKED = "parked"

    carrier = models.CharField(max_length=50)
    event_id = models.CharField(max_length=255)
    tracking_number = models.CharField(max_length=100)
    status = models.CharField(max_length=20, choices=Status)
    place = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(help_text="When it was scanned, as the carrier says.")
    shipment = models.ForeignKey(Shipment, models.PROTECT, null=True, blank=True, related_name="scans")
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    last_error = models.CharField(max_length=500, blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("carrier", "event_id"), name="carrier_scan_once"),
            models.CheckConstraint(
                condition=Q(
                    status__in=["in_transit", "out_for_delivery", "delivered", "exception", "returned_to_sender"]
                ),
                name="carrier_scan_status_known",
            ),
            models.CheckConstraint(
                condition=Q(state="processed", shipment__isnull=False)
                | Q(state__in=["received", "parked"], shipment=None),
                name="carrier_scan_processed_for_a_package",
            ),
        )
        indexes = (
            models.Index(fields=("due_at",), condition=Q(state="received"), name="carrier_scan_due"),
            models.Index(fields=("tracking_number",), name="carrier_scan_by_tracking"),
            models.Index(fields=("id",), condition=Q(state="parked"), name="carrier_scan_parked"),
        )

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking_number}, {self.get_status_display().lower()}"
