"""Copies of their data that people asked for, wishes to be erased, and files that have to go."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class DataExport(models.Model):
    """A copy of all that is held about a person, made by a worker. At most one is under way for each."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        READY = "ready"
        FAILED = "failed"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports")
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now, help_text="When it is (again) given to a worker.")
    path = models.CharField(max_length=200, blank=True, help_text="Where its file lies in the storage.")
    requested_by = models.CharField(max_length=200)
    requested_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "accounts"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "ready", "failed"]), name="export_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status="ready", ready_at__isnull=False, expires_at__isnull=False)
                | (~Q(status="ready") & Q(ready_at=None, expires_at=None)),
                name="export_ready_has_its_times",
            ),
            models.UniqueConstraint(
                fields=("user",), condition=Q(status__in=["queued", "running"]), name="export_one_under_way"
            ),
        )
        indexes = (
            models.Index(fields=("due_at",), condition=Q(status__in=["queued", "running"]), name="export_due"),
            models.Index(fields=("expires_at",), condition=Q(status="ready"), name="export_expiring"),
        )

    def __str__(self) -> str:
        return f"export {self.pk}"

    @property
    def is_being_made(self) -> bool:
        """Whether a worker may be writing its file at this moment."""
        return self.status == self.Status.RUNNING and self.due_at > timezone.now()


class Erasure(models.Model):
    """A wish to be erased: open until it is fulfilled or taken back. When it is due stands on the person."""

    class Outcome(models.TextChoices):
        ERASED = "erased"
        WITHDRAWN = "withdrawn"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="erasures")
    was_active = models.BooleanField(help_text="Whether the account was open, and is again when the wish is withdrawn.")
    requested_by = models.CharField(max_length=200)
    requested_at = models.DateTimeField(default=timezone.now)
    look_at = models.DateTimeField(help_text="When it is looked at (again).")
    waits_for = models.CharField(max_length=300, blank=True, help_text="Why it is due and not done yet.")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "accounts"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome="", ended_at=None)
                | Q(outcome__in=["erased", "withdrawn"], ended_at__isnull=False, waits_for=""),
                name="erasure_ends_with_an_outcome",
            ),
            models.UniqueConstraint(fields=("user",), condition=Q(ended_at=None), name="erasure_open_once"),
        )
        indexes = (models.Index(fields=("look_at",), condition=Q(ended_at=None), name="erasure_due"),)

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class DiscardedFile(models.Model):
    """A file that has to go, written down in the transaction that made it needless, so that no crash leaves it."""

    path = models.CharField(max_length=300, unique=True)
    due_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "accounts"
        indexes = (models.Index(fields=("due_at",), name="discarded_file_due"),)

    def __str__(self) -> str:
        return f"file {self.pk}"
