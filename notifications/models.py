"""What e-mails say, and what became of each."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from audit.history import Tracked
from audit.models import LogEntry
from catalog.models import StockRequest
from notifications.querysets import NotificationQuerySet
from notifications.rendering import Source, problems, sample
from notifications.states import DEFAULT_LANGUAGE, DeliveryStatus, Kind
from orders.models import Order, Shipment
from payments.models import GiftCard


class NotificationTemplate(Tracked):
    """The shop's own words for one kind of e-mail. Without a row, the ones Waybill comes with are used."""

    kind = models.CharField(max_length=30, choices=Kind)
    language = models.CharField(
        max_length=5,
        default=DEFAULT_LANGUAGE,
        validators=[RegexValidator(r"\A[a-z]{2}(-[A-Z]{2})?\Z", "A language, such as en or de-AT.")],
    )
    subject = models.CharField(max_length=500)
    text = models.TextField("plain text")
    html = models.TextField("HTML", help_text="The part inside the frame that all e-mails share.")
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(Tracked.Meta):
        verbose_name = "e-mail template"
        ordering = ("kind", "language")
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "language"),
                name="template_one_per_kind_and_language",
                violation_error_message="There is one for this kind and language already.",
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="template_kind_known"),
        )

    def __str__(self) -> str:
        return f"{Kind(self.kind).label} ({self.language})"

    @property
    def source(self) -> Source:
        return Source(self.subject, self.text, self.html)

    def clean(self) -> None:
        """Refuse, with a sentence each, what would go wrong when the mail is sent."""
        super().clean()
        if self.kind in Kind.values and (found := problems(self.source, sample(self.kind))):
            raise ValidationError(found)


class Notification(models.Model):
    """One e-mail: to whom by reference, why, and what became of it. What it says is put together when it is sent.

    `key` names the change that called for it (kind, order, version), so that each change sends at most one.
    """

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=30, choices=Kind)
    language = models.CharField(max_length=5, default=DEFAULT_LANGUAGE)
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="notifications")
    version = models.PositiveIntegerField(null=True, help_text="The order's, after the change.")
    shipment = models.ForeignKey(Shipment, models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", help_text="Without an order: to them.")
    gift_card = models.ForeignKey(
        GiftCard, models.PROTECT, null=True, related_name="+", db_index=False, help_text="To whom it is for."
    )
    fact = models.ForeignKey(
        LogEntry, models.PROTECT, null=True, related_name="+", db_index=False, help_text="What it tells a person of."
    )
    stock_request = models.ForeignKey(
        StockRequest, models.PROTECT, null=True, related_name="+", db_index=False, help_text="Whose wish it answers."
    )
    is_sample = models.BooleanField("test mail", default=False, help_text="Shows an example.")
    requested_by = models.CharField(max_length=200, blank=True, help_text="Who had it sent, unless it went by itself.")
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    handed_over_at = models.DateTimeField(null=True, help_text="When the mail server was given it.")
    sent_at = models.DateTimeField(null=True, help_text="When the mail server had taken it.")
    error = models.CharField(max_length=300, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = "e-mail"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(order__isnull=False, version__isnull=False, user=None, gift_card=None, stock_request=None)
                | Q(order=None, user__isnull=False, gift_card=None, stock_request=None)
                | Q(order=None, user=None, gift_card__isnull=False, stock_request=None)
                | Q(order=None, user=None, gift_card=None, stock_request__isnull=False),
                name="notification_about_one_thing",
            ),
            models.CheckConstraint(condition=Q(status__in=DeliveryStatus.values), name="notification_status_known"),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | (~Q(status="sent") & Q(sent_at=None)),
                name="notification_sent_has_its_time",
            ),
        )
        indexes = (
            models.Index(fields=("due_at",), condition=Q(status="queued"), name="notification_due"),
            models.Index(fields=("status", "-id"), name="notification_by_status"),
            models.Index(fields=("kind", "-id"), name="notification_by_kind"),
        )

    def __str__(self) -> str:
        return self.key

    @property
    def recipient(self) -> str:
        """The address as it is now; empty where there is none."""
        if self.order is not None:
            return self.order.email or (self.order.user.email if self.order.user else "")
        if self.gift_card is not None:
            return self.gift_card.recipient_email
        if self.stock_request is not None:
            return self.stock_request.recipient
        return self.user.email if self.user else ""
