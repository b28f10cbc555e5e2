"""Money: every attempt to pay an order, what came of it, and every refund."""

import uuid
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from audit.history import Tracked, append_only
from orders.models import Order, OrderLine
from payments.models.amounts import amount_field
from payments.models.gift_card import GiftCard
from payments.states import SETTLED_HERE, DisputeStatus, PaymentStatus, Provider, RefundCause, TransferStatus


class Payment(Tracked):
    """One attempt to pay an order, with what became of its money.

    `capturing` and `refunding` count captures and refunds that are under way: they hold their part of the money, so
    that no other can promise it too. `authorized` is what the provider still vouches for, the captured part included.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=20, choices=Provider)
    status = models.CharField(max_length=12, choices=PaymentStatus, default=PaymentStatus.CREATED)
    amount = amount_field(help_text="What was asked for.")
    currency = models.CharField(max_length=3)
    authorized = amount_field(default=Decimal(0))
    capturing = amount_field(default=Decimal(0), db_default=Decimal(0), help_text="In captures that are under way.")
    captured = amount_field(default=Decimal(0))
    refunding = amount_field(default=Decimal(0), help_text="In refunds that are under way.")
    refunded = amount_field(default=Decimal(0))
    provider_reference = models.CharField(max_length=255, blank=True, help_text="The provider's own id of it.")
    gift_card = models.ForeignKey(GiftCard, models.PROTECT, null=True, blank=True, related_name="payments")
    return_url = models.CharField(
        max_length=500, blank=True, default="", db_default="", help_text="Where the provider's page leads back to."
    )
    failure_code = models.CharField(
        max_length=100, blank=True, default="", db_default="", help_text="The provider's word for the last refusal."
    )
    authorization_expires_at = models.DateTimeField(null=True, blank=True)
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
                    capturing__gte=0,
                    authorized__gte=F("captured") + F("capturing"),
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
            models.CheckConstraint(
                condition=Q(provider="gift_card", gift_card__isnull=False)
                | (~Q(provider="gift_card") & Q(gift_card=None)),
                name="payment_gift_card_is_named",
            ),
        )
        indexes = (
            models.Index(
                fields=("authorization_expires_at",), condition=Q(status="authorized"), name="payment_authorization"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def refundable(self) -> Decimal:
        """What can still be given back."""
        return self.captured - self.refunded - self.refunding

    @property
    def is_open(self) -> bool:
        """Whether a provider can still be asked to give it up: no money of it was taken, nor is being taken."""
        is_asked_for = self.provider not in SETTLED_HERE and self.status != PaymentStatus.VOIDED
        return is_asked_for and not self.captured and not self.capturing

    @property
    def capturable(self) -> Decimal:
        """What is authorised and not captured yet."""
        return self.authorized - self.captured - self.capturing


class Transfer(Tracked):
    """Money of one payment on one way. The row exists before a provider is asked for it."""

    provider = models.CharField(max_length=20, choices=Provider, help_text="That of its payment.")
    amount = amount_field()
    status = models.CharField(max_length=10, choices=TransferStatus, default=TransferStatus.PENDING)
    provider_reference = models.CharField(max_length=255, blank=True, help_text="The provider's own id of it.")
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When it succeeded or failed.")

    class Meta(Tracked.Meta):
        abstract = True
        ordering = ("-id",)
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="%(class)s_amount_positive"),
            models.CheckConstraint(condition=Q(status__in=TransferStatus.values), name="%(class)s_status_known"),
            models.CheckConstraint(
                condition=Q(status="pending", settled_at=None) | (~Q(status="pending") & Q(settled_at__isnull=False)),
                name="%(class)s_settled_unless_pending",
            ),
            models.UniqueConstraint(
                fields=("provider", "provider_reference"),
                condition=~Q(provider_reference=""),
                name="%(class)s_provider_reference_is_unique",
            ),
        )
        indexes = (models.Index(fields=("created_at",), condition=Q(status="pending"), name="%(class)s_pending"),)

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class Capture(Transfer):
    """Money taken from what was authorised, whole or in part."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="captures")


class Refund(Transfer):
    """Money on its way back, or back."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    cause = models.CharField(max_length=12, choices=RefundCause)
    reason = models.CharField(max_length=200)

    class Meta(Transfer.Meta):
        abstract = False
        constraints = (
            *Transfer.Meta.constraints,
            models.CheckConstraint(condition=Q(cause__in=RefundCause.values), name="refund_cause_known"),
        )


class RefundLine(models.Model):
    """What a refund is for: units of a line, or (without a line) the shipping."""

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, null=True, blank=True, related_name="+")
    quantity = models.PositiveIntegerField(default=0)
    amount = amount_field()

    class Meta:
        ordering = ("id",)
        triggers = (append_only(),)
        constraints = (
            models.CheckConstraint(
                condition=Q(line=None, quantity=0) | Q(line__isnull=False, quantity__gt=0),
                name="refund_line_counts_units",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="refund_line_not_negative"),
            models.UniqueConstraint(fields=("refund", "line"), nulls_distinct=False, name="refund_line_once_per_line"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.line_id}" if self.line_id else "shipping"


class Dispute(Tracked):
    """The customer asked their bank for the money back, over our head."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="disputes")
    provider = models.CharField(max_length=20, choices=Provider, help_text="That of its payment.")
    provider_reference = models.CharField(max_length=255)
    amount = amount_field()
    status = models.CharField(max_length=10, choices=DisputeStatus, default=DisputeStatus.OPEN)
    reason = models.CharField(max_length=100, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Tracked.Meta):
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(status__in=DisputeStatus.values), name="dispute_status_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="dispute_amount_positive"),
            models.UniqueConstraint(fields=("provider", "provider_reference"), name="dispute_once_per_provider"),
        )

    def __str__(self) -> str:
        return self.provider_reference
