"""What is known of the talk with warehouse management systems. Orders are ids here, and nobody's name or address is
kept.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from inventory.wms.querysets import FactQuerySet, PlacedInCode, RequestQuerySet
from inventory.wms.states import UNSENT, DifferenceState, EventState, RequestKind, RequestState, RunKind, Why

LEVEL, WAREHOUSE = "inventory.StockLevel", "inventory.Warehouse"


class WmsRun(models.Model):
    """One time that a WMS was asked what lies there."""

    link = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=RunKind)
    started_by = models.CharField(max_length=200)
    started_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True, help_text="Somebody is at it right now.")
    finished_at = models.DateTimeField(null=True, blank=True)
    cursor = models.CharField(max_length=500, blank=True, help_text="From where the next changes are asked for.")
    rows = models.PositiveIntegerField(default=0, help_text="Numbers heard.")
    changed = models.PositiveIntegerField(default=0, help_text="Levels that were changed.")
    refused = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)
    tolerance_units = models.PositiveIntegerField(null=True, blank=True, help_text="A drop of so many is believed,")
    tolerance_percent = models.PositiveIntegerField(null=True, blank=True, help_text="or of so much of what we have;")
    rise_units = models.PositiveIntegerField(null=True, blank=True, help_text="and a rise of so many.")
    lag_seconds = models.PositiveIntegerField(null=True, blank=True, help_text="Age of the newest number heard.")
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "WMS run", "WMS runs"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=RunKind.values), name="wms_run_kind_known"),
            models.UniqueConstraint(fields=("link",), condition=Q(finished_at=None), name="wms_run_single_flight"),
        )
        indexes = (models.Index(fields=("link", "-id"), name="wms_run_by_link"),)

    def __str__(self) -> str:
        return f"{self.link} {self.pk}"


class WmsFact(models.Model):
    """The newest that was heard of one level: whatever is older is not believed."""

    level = models.OneToOneField(LEVEL, models.PROTECT, related_name="wms_fact")
    link = models.CharField(max_length=40)
    on_hand = models.PositiveIntegerField()
    as_of = models.DateTimeField()
    applied_as_of = models.DateTimeField(null=True, blank=True, help_text="When what our books took over was so.")
    heard_at = models.DateTimeField(default=timezone.now)

    objects = FactQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "WMS number", "WMS numbers"

    def __str__(self) -> str:
        return f"{self.on_hand} at {self.as_of:%Y-%m-%d %H:%M:%S}"


class WmsDifference(models.Model):
    """One number of a WMS that was not ours, and what became of it. Those that wait for a person are the quarantine."""

    run = models.ForeignKey(WmsRun, models.CASCADE, null=True, blank=True, related_name="differences")
    link = models.CharField(max_length=40)
    level = models.ForeignKey(LEVEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    sku = models.CharField("SKU", max_length=100)
    code = models.CharField("warehouse", max_length=20, help_text="Ours, or theirs where we have none of that name.")
    theirs = models.BigIntegerField(null=True, blank=True)
    as_of = models.DateTimeField(null=True, blank=True)
    ours = models.PositiveIntegerField(null=True, blank=True)
    since = models.IntegerField(default=0, help_text="Units that came and went here and that the WMS has not counted.")
    target = models.PositiveIntegerField(null=True, blank=True, help_text="What would lie there: theirs and since.")
    reserved = models.PositiveIntegerField(default=0)
    pending = models.PositiveIntegerField(default=0, help_text="Reserved units whose request is not accepted yet.")
    state = models.CharField(max_length=12, choices=DifferenceState)
    why = models.CharField(max_length=20, choices=Why, blank=True)
    found_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=200, blank=True)

    objects = PlacedInCode.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "WMS difference", "WMS differences"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=DifferenceState.values), name="wms_difference_state_known"),
            models.CheckConstraint(condition=Q(why__in=Why.values), name="wms_difference_why_known"),
            models.UniqueConstraint(
                fields=("level",), condition=Q(state="quarantined"), name="wms_difference_one_quarantined_per_level"
            ),
        )
        indexes = (
            models.Index(fields=("run", "id"), name="wms_difference_by_run"),
            models.Index(fields=("state", "-id"), name="wms_difference_by_state"),
            models.Index(fields=("level", "-id"), condition=Q(state="ignored"), name="wms_difference_ignored"),
        )

    def __str__(self) -> str:
        return f"{self.sku} at {self.code}"


class WmsRequest(models.Model):
    """One thing a WMS is asked or told about an order: what it says is composed when it is sent."""

    link = models.CharField(max_length=40)
    warehouse = models.ForeignKey(WAREHOUSE, models.PROTECT, related_name="+")
    # Orders live above this app: known by id only.
    order_id = models.BigIntegerField()
    version = models.PositiveIntegerField(help_text="Of the order, at the change that this follows from.")
    kind = models.CharField(max_length=10, choices=RequestKind)
    cause = models.CharField(max_length=100, blank=True, help_text="Of what our people shipped, as its movements say.")
    key = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True, help_text="Somebody is sending it right now.")
    reference = models.CharField(max_length=100, blank=True, help_text="Its name in the book of the WMS.")
    accepted_at = models.DateTimeField(null=True, blank=True, help_text="By the clock of the WMS where it says so.")
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "WMS request", "WMS requests"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=RequestKind.values), name="wms_request_kind_known"),
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="wms_request_state_known"),
            models.CheckConstraint(
                condition=Q(kind="shipped") ^ Q(cause=""), name="wms_request_names_what_was_shipped"
            ),
            models.UniqueConstraint(
                fields=("order_id", "warehouse", "kind", "version"), name="wms_request_once_per_transition"
            ),
        )
        indexes = (
            models.Index(fields=("link", "id"), condition=Q(state__in=UNSENT), name="wms_request_unsent"),
            models.Index(fields=("order_id", "warehouse", "-id"), name="wms_request_by_order"),
            models.Index(fields=("cause",), condition=Q(kind="shipped"), name="wms_request_by_cause"),
            models.Index(fields=("id",), condition=Q(state="refused"), name="wms_request_refused"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, version {self.version}"


class WmsEvent(models.Model):
    """The inbox: what a WMS told of its own accord, once however often it is sent."""

    link = models.CharField(max_length=40)
    event_id = models.CharField(max_length=200)
    type = models.CharField(max_length=20)
    # What it is about: events of one subject are taken up in the order they came.
    subject = models.CharField(max_length=100)
    content = models.JSONField()
    state = models.CharField(max_length=10, choices=EventState, default=EventState.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    last_error = models.CharField(max_length=500, blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "WMS event", "WMS events"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=EventState.values), name="wms_event_state_known"),
            models.UniqueConstraint(fields=("link", "event_id"), name="wms_event_once"),
        )
        indexes = (
            models.Index(fields=("due_at",), condition=Q(state="received"), name="wms_event_due"),
            models.Index(
                fields=("link", "subject", "id"),
                condition=Q(state__in=("received", "handed")),
                name="wms_event_waiting",
            ),
            models.Index(fields=("state", "-id"), name="wms_event_by_state"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class WmsShipment(models.Model):
    """A package of a WMS that has become one of ours: once, whatever number of events tell of it."""

    link = models.CharField(max_length=40)
    reference = models.CharField(max_length=100, help_text="Its name in the book of the WMS.")
    order_id = models.BigIntegerField()
    cause = models.CharField(max_length=100, unique=True, help_text="Of its movements.")
    shipped_at = models.DateTimeField(help_text="When the WMS took it off its shelves.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = "WMS package", "WMS packages"
        constraints = (models.UniqueConstraint(fields=("link", "reference"), name="wms_shipment_once"),)

    def __str__(self) -> str:
        return self.reference
