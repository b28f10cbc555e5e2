"""Money: every attempt to pay an order, and every refund of one."""

import uuid
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from audit.history import Tracked
from orders.models import Order
from payments.states import PaymentStatus, Provider, RefundCause, RefundStatus


def amount_field(**kwargs: Any) -> models.DecimalField:
    """Major units of the payment's currency."""
    return models.DecimalField(max_digits=18, decimal_places=4, **kwargs)


class Payment(Tracked):
    """One attempt to pay an order, with what became of its money.

    `refunding` counts refunds that are under way: they hold their part of the money, so that no other refund
    can promise it too.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=20, choices=Provider)
    status = models.CharField(max_length=12, choices=PaymentStatus, default=PaymentStatus.CREATED)
    amount = amount_field(help_text="What was asked for.")
    currency = models.CharField(max_length=3)
    authorized = amount_field(default=Decimal(0))
    captured = amount_field(default=Decimal(0))
    refunding = amount_field(default=Decimal(0), help_text="In refunds that are under way.")
    refunded = amount_field(default=Decimal(0))
    provider_reference = models.CharField(max_length=255, blank=True, help_text="The provider's own id of it.")
    note = models.CharField(max_length=500, blank=True, help_text="For staff only.")
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta(Tracked.Meta):
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    refunded__gte=0,
                    refunding__gte=0,
                    captured__gte=F("refunded") + F("refunding"),
                    authorized__gte=F("captured"),
                    amount__gte=F("authorized"),
                ),
                name="payment_refunded_captured_authorized_in_order",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(condition=Q(status__in=PaymentStatus.values), name="payment_status_known"),
            models.CheckConstraint(
                condition=~Q(status="captured") | Q(captured__gt=0), name="payment_captured_is_money"
            ),
            models.UniqueConstraint(
                fields=("provider", "provider_reference"),
                condition=~Q(provider_reference=""),
                name="payment_provider_reference_is_unique",
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def refundable(self) -> Decimal:
        """What can still be given back."""
        return self.captured - self.refunded - self.refunding


class Refund(Tracked):
    """Money of one payment on its way back, or back. The row exists before a provider is asked for it."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    provider = models.CharField(max_length=20, choices=Provider, help_text="That of its payment.")
    amount = amount_field()
    cause = models.CharField(max_length=12, choices=RefundCause)
    reason = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=RefundStatus, default=RefundStatus.PENDING)
    provider_reference = models.CharField(max_length=255, blank=True, help_text="The provider's own id of it.")
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When it succeeded or failed.")

    class Meta(Tracked.Meta):
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
            models.CheckConstraint(condition=Q(status__in=RefundStatus.values), name="refund_status_known"),
            models.CheckConstraint(condition=Q(cause__in=RefundCause.values), name="refund_cause_known"),
            models.CheckConstraint(
                condition=Q(status="pending", settled_at=None) | (~Q(status="pending") & Q(settled_at__isnull=False)),
                name="refund_settled_unless_pending",
            ),
            models.UniqueConstraint(
                fields=("provider", "provider_reference"),
                condition=~Q(provider_reference=""),
                name="refund_provider_reference_is_unique",
            ),
        )
        indexes = (models.Index(fields=("created_at",), condition=Q(status="pending"), name="refund_pending"),)

    def __str__(self) -> str:
        return f"refund {self.pk}"
