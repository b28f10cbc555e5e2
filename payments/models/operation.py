"""What providers are asked to do, and what they tell of their own accord."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from payments.models.payment import Capture, Payment, Refund
from payments.states import InboxState, OperationKind, OperationState, Provider


class Operation(models.Model):
    """One thing asked of a provider, committed before it is asked, so that a crash in between loses nothing.

    `key_number` changes only after the provider has definitely said that it did not happen.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="operations")
    kind = models.CharField(max_length=10, choices=OperationKind)
    capture = models.OneToOneField(Capture, models.PROTECT, null=True, blank=True, related_name="operation")
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, blank=True, related_name="operation")
    state = models.CharField(max_length=10, choices=OperationState, default=OperationState.PENDING)
    key_number = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now, help_text="When it is asked (about) again.")
    leased_until = models.DateTimeField(null=True, blank=True, help_text="Somebody is asking right now.")
    last_error = models.CharField(max_length=500, blank=True)
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=OperationState.values), name="operation_state_known"),
            models.CheckConstraint(
                condition=Q(kind="capture", capture__isnull=False, refund=None)
                | Q(kind="refund", refund__isnull=False, capture=None)
                | Q(kind__in=("create", "complete", "void"), capture=None, refund=None),
                name="operation_names_its_transfer",
            ),
            models.UniqueConstraint(
                fields=("payment", "kind"),
                condition=Q(kind__in=("create", "void"), state__in=("pending", "unknown", "done")),
                name="operation_once_per_payment",
            ),
            # A customer may approve again after a refusal, but not while the outcome of the first is open.
            models.UniqueConstraint(
                fields=("payment",),
                condition=Q(kind="complete", state__in=("pending", "unknown")),
                name="operation_completes_one_at_a_time",
            ),
        )
        indexes = (
            models.Index(fields=("due_at",), condition=Q(state__in=("pending", "unknown")), name="operation_due"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.payment_id}"

    @property
    def key(self) -> str:
        """The provider's idempotency key."""
        return f"waybill-{self.pk.hex}-{self.key_number}"


class WebhookEvent(models.Model):
    """The inbox: an event a provider has sent, with the ids it names and nothing else of its body.

    What it says is read from the provider when it is processed, so that neither order nor repetition matters.
    """

    provider = models.CharField(max_length=20, choices=Provider)
    event_id = models.CharField(max_length=255)
    type = models.CharField(max_length=100)
    payment_reference = models.CharField(max_length=255, blank=True, help_text="The provider's id of the payment.")
    object_id = models.CharField(max_length=255, blank=True, help_text="The provider's id of what it is about.")
    state = models.CharField(max_length=10, choices=InboxState, default=InboxState.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    last_error = models.CharField(max_length=500, blank=True)
    received_at = models.DateTimeField(default=timezone.now, db_index=True)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=InboxState.values), name="webhook_event_state_known"),
            models.UniqueConstraint(fields=("provider", "event_id"), name="webhook_event_once"),
        )
        indexes = (
            models.Index(fields=("due_at",), condition=Q(state="received"), name="webhook_event_due"),
            models.Index(fields=("provider", "payment_reference"), name="webhook_event_by_payment"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
