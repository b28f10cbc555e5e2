"""The log of facts, which is also the outbox, and what became of each fact at each handler."""

import uuid

from django.db import models
from django.db.models import Q

from audit.exceptions.models import ExceptionCase
from audit.history import ACTOR_LENGTH, REQUEST_ID_LENGTH, append_only

__all__ = ["ChangeRecord", "Delivery", "ExceptionCase", "LogEntry", "Outbox", "Stream"]


class LogEntry(models.Model):
    """Something that happened, written in the transaction that made it true. Ids only, kept for good."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100)
    aggregate = models.CharField(max_length=50)
    aggregate_id = models.CharField(max_length=64)
    sequence = models.PositiveIntegerField(help_text="Counts the facts of one aggregate, from 1 without a gap.")
    payload = models.JSONField()
    actor = models.CharField(max_length=ACTOR_LENGTH)
    request_id = models.CharField(max_length=REQUEST_ID_LENGTH, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "log entries"
        ordering = ("-id",)
        triggers = (append_only(),)
        constraints = (
            models.UniqueConstraint(
                fields=("aggregate", "aggregate_id", "sequence"), name="log_entry_sequence_is_unique"
            ),
        )
        indexes = (models.Index(fields=("name", "id"), name="log_entry_by_name"),)

    def __str__(self) -> str:
        return f"{self.name} {self.aggregate} {self.aggregate_id}"


class Stream(models.Model):
    """How many facts one aggregate has; its row is what hands out their numbers one after another."""

    aggregate = models.CharField(max_length=50)
    aggregate_id = models.CharField(max_length=64)
    last = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("aggregate", "aggregate_id"), name="stream_per_aggregate"),)

    def __str__(self) -> str:
        return f"{self.aggregate} {self.aggregate_id}"


class Outbox(models.Model):
    """An entry that the relay has not yet handed to its handlers; the row goes when it has."""

    entry = models.OneToOneField(LogEntry, models.PROTECT, primary_key=True, related_name="outbox")

    class Meta:
        verbose_name = "waiting entry"
        verbose_name_plural = "waiting entries"

    def __str__(self) -> str:
        return f"entry {self.pk}"


class Delivery(models.Model):
    """One handler's part of one entry. Its row is locked while the handler runs and done with its effect."""

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        PARKED = "parked"

    entry = models.ForeignKey(LogEntry, models.PROTECT, related_name="deliveries")
    handler = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text="When it is (again) given to a worker.")
    done_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = (
            models.UniqueConstraint(fields=("entry", "handler"), name="delivery_once_per_handler"),
            models.CheckConstraint(condition=Q(state__in=["pending", "done", "parked"]), name="delivery_state_known"),
        )
        indexes = (
            models.Index(fields=("due_at",), condition=Q(state="pending"), name="delivery_due"),
            models.Index(fields=("id",), condition=Q(state="parked"), name="delivery_parked"),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} → {self.handler}"


class ChangeRecord(models.Model):
    """The history of everything as one page of the back office; its rows are in the history tables."""

    class Meta:
        managed = False
        verbose_name = "change"
        verbose_name_plural = "history"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return "change"
