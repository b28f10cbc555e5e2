"""Our books beside a provider's."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from payments.models.payment import Payment
from payments.states import DifferenceKind, DifferenceState, Provider


class ReconciliationRun(models.Model):
    """One comparison with one provider over a window of time."""

    provider = models.CharField(max_length=20, choices=Provider)
    window_from = models.DateTimeField()
    window_to = models.DateTimeField()
    started_by = models.CharField(max_length=200)
    started_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True, help_text="Somebody is at it right now.")
    finished_at = models.DateTimeField(null=True, blank=True)
    compared = models.PositiveIntegerField(default=0, help_text="Objects of the provider's book and of ours.")
    repaired = models.PositiveIntegerField(default=0)
    open = models.PositiveIntegerField(default=0, help_text="Differences left for a person.")
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(window_to__gt=models.F("window_from")), name="reconciliation_window_in_order"
            ),
            models.UniqueConstraint(
                fields=("provider",), condition=Q(finished_at=None), name="reconciliation_single_flight"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_provider_display()} {timezone.localtime(self.window_from):%Y-%m-%d}"


class Difference(models.Model):
    """One object on which the two books do not agree."""

    run = models.ForeignKey(ReconciliationRun, models.CASCADE, related_name="differences")
    kind = models.CharField(max_length=20, choices=DifferenceKind)
    state = models.CharField(max_length=10, choices=DifferenceState, default=DifferenceState.OPEN)
    object_type = models.CharField(max_length=20, help_text="payment, capture, refund or dispute")
    reference = models.CharField(max_length=255, help_text="The provider's id of it.")
    payment_reference = models.CharField(
        max_length=255, blank=True, help_text="The provider's id of the payment it belongs to."
    )
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="differences")
    ours = models.CharField(max_length=100, blank=True)
    theirs = models.CharField(max_length=100, blank=True)
    action = models.CharField(max_length=200, help_text="What a person should do.")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=200, blank=True)
    resolution = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("run", "object_type", "reference", "kind"), name="difference_once_per_run"),
        )
        indexes = (
            models.Index(fields=("reference",), name="difference_by_reference"),
            models.Index(fields=("payment_reference",), condition=Q(state="open"), name="difference_open"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.object_type} {self.reference}"
