"""The row of one exception."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit.exceptions.kinds import ExceptionKind, hidden_from, kinds_of
from audit.history import ACTOR_LENGTH, Tracked


class ExceptionQuerySet(models.QuerySet["ExceptionCase"]):
    def visible_to(self, caller: Any) -> Self:
        """Of the kinds of the caller's role; who has warehouses of their own sees what lies there and nothing else."""
        role = getattr(caller, "role", None)
        found = self.filter(kind__in=kinds_of(role)).exclude(subject_type__in=hidden_from(role))
        own: frozenset[str] | None = getattr(caller, "own_warehouses", None)
        return found if own is None else found.filter(warehouses__overlap=sorted(own))

    def open(self) -> Self:
        """Nobody has dealt with it, and it is not put off."""
        return self.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=timezone.now()), resolved_at=None)

    def snoozed(self) -> Self:
        return self.filter(resolved_at=None, snoozed_until__gt=timezone.now())

    def resolved(self) -> Self:
        return self.filter(resolved_at__isnull=False)


class ExceptionCase(Tracked):
    """Something that needs a person. Its subject is known by model and id, since this app knows none of those above.

    `over_at`: its cause is gone. One that was resolved while the cause lasts is not opened again for it, until
    `EXCEPTION_AGAIN_HOURS` have passed.
    """

    kind = models.CharField(max_length=20, choices=ExceptionKind)
    subject_type = models.CharField(max_length=50, help_text="A model, such as orders.order.")
    subject_id = models.CharField(max_length=64)
    label = models.CharField(max_length=200, help_text="What people call the subject.")
    detail = models.CharField(max_length=500, blank=True)
    warehouses = ArrayField(models.CharField(max_length=20), default=list, help_text="Codes of those it concerns.")
    opened_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    # People live above this app: known by id only.
    owner_id = models.BigIntegerField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=ACTOR_LENGTH, blank=True)
    resolution = models.CharField(max_length=500, blank=True)
    over_at = models.DateTimeField(null=True, blank=True)

    objects = ExceptionQuerySet.as_manager()

    class Meta(Tracked.Meta):
        verbose_name = "exception"
        ordering = ("due_at", "id")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=ExceptionKind.values), name="exception_kind_known"),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by="") | (Q(resolved_at__isnull=False) & ~Q(resolved_by="")),
                name="exception_resolved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(over_at=None) | Q(resolved_at__isnull=False), name="exception_over_is_resolved"
            ),
            models.UniqueConstraint(
                fields=("kind", "subject_type", "subject_id"),
                condition=Q(over_at=None),
                name="exception_once_per_kind_and_subject",
            ),
        )
        indexes = (
            models.Index(fields=("due_at", "id"), condition=Q(resolved_at=None), name="exception_by_due"),
            models.Index(fields=("subject_type", "subject_id"), name="exception_by_subject"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.label}"

    @property
    def state(self) -> str:
        """open, snoozed or resolved."""
        if self.resolved_at is not None:
            return "resolved"
        return "snoozed" if self.snoozed_until and self.snoozed_until > timezone.now() else "open"

    @property
    def is_late(self) -> bool:
        return self.state == "open" and self.due_at < timezone.now()
