"""Where which tax is due, who is exempt, and what a tax provider keeps of an order."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import country_choices
from audit.history import HistoryTrigger, Tracked, append_only
from catalog.models import is_slug
from catalog.terms_version import BumpsTerms
from orders.models.area import Area
from orders.models.order import Order, amount_field


class TaxZone(Area):
    """Addresses that are taxed alike."""

    shipping_tax_class = models.CharField(
        max_length=50,
        default="standard",
        blank=True,
        validators=[is_slug],
        help_text="The class whose rate shipping has; empty: shipping is not taxed.",
    )
    reverse_charge = models.BooleanField(
        default=False,
        help_text="A business with a valid VAT number of another country than the shop's owes the tax itself.",
    )


class TaxRate(Tracked):
    """The rate of one tax class in one zone: 0.19 is 19 %. A class without a rate is not taxed there."""

    zone = models.ForeignKey(TaxZone, models.CASCADE, related_name="rates")
    tax_class = models.CharField(max_length=50, default="standard", validators=[is_slug])
    name = models.CharField(max_length=100, help_text="As invoices call it, e.g. VAT 19 %.")
    rate = models.DecimalField(max_digits=7, decimal_places=6, validators=[MinValueValidator(0), MaxValueValidator(1)])

    class Meta(Tracked.Meta):
        ordering = ("zone", "tax_class")
        triggers = (HistoryTrigger(), BumpsTerms())
        constraints = (
            models.UniqueConstraint(fields=("zone", "tax_class"), name="tax_rate_once_per_class"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=1), name="tax_rate_to_one"),
        )

    def __str__(self) -> str:
        return self.name


class TaxExemption(Tracked):
    """Why a customer is not charged tax: a certificate of an authority, or a VAT number (reverse charge)."""

    class Kind(models.TextChoices):
        CERTIFICATE = "certificate", "Certificate"
        VAT_NUMBER = "vat_number", "VAT number"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="tax_exemptions")
    kind = models.CharField(max_length=20, choices=Kind)
    number = models.CharField(max_length=50, help_text="Of the certificate, or the VAT number with its country.")
    country = models.CharField(
        max_length=2, choices=country_choices, help_text="Where it is valid; for a VAT number, whose."
    )
    certificate = models.FileField(upload_to="tax-exemptions/", blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True, help_text="The last day; empty: until it is ended.")
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Tracked.Meta):
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="tax_exemption_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class TaxDocument(Tracked):
    """What a tax provider has calculated for an order (`calculation`) and booked (`transaction`)."""

    class State(models.TextChoices):
        CALCULATED = "calculated", "Calculated"
        COMMITTED = "committed", "Committed"
        VOIDED = "voided", "Voided"

    order = models.OneToOneField(Order, models.PROTECT, related_name="tax_document")
    provider = models.CharField(max_length=20)
    calculation = models.CharField(max_length=255)
    transaction = models.CharField(max_length=255, blank=True)
    amount = amount_field(default=Decimal(0), help_text="What the calculation is about, tax included.")
    state = models.CharField(max_length=20, choices=State, default=State.CALCULATED)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.provider} {self.calculation}"


class TaxReversal(models.Model):
    """Tax that went back at the provider with money of ours: once per cause, e.g. `refund:12`."""

    document = models.ForeignKey(TaxDocument, models.PROTECT, related_name="reversals")
    cause = models.CharField(max_length=100)
    amount = amount_field(help_text="Of the refund, tax included.")
    reference = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = (append_only(),)
        constraints = (models.UniqueConstraint(fields=("document", "cause"), name="tax_reversal_once_per_cause"),)

    def __str__(self) -> str:
        return self.cause


class TaxOperation(models.Model):
    """One thing a tax provider is to be told, committed before it is told, so that a crash in between loses nothing."""

    class Kind(models.TextChoices):
        COMMIT = "commit", "Book the order"
        VOID = "void", "Take all of it back"
        REVERSE = "reverse", "Take a part back"

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    document = models.ForeignKey(TaxDocument, models.PROTECT, related_name="operations")
    kind = models.CharField(max_length=10, choices=Kind)
    cause = models.CharField(max_length=100, help_text="What it follows from, e.g. `refund:12`.")
    amount = amount_field(help_text="Tax included.")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now, help_text="When the provider is told (again).")
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("document", "cause"), name="tax_operation_once_per_cause"),)
        indexes = (models.Index(fields=("due_at",), condition=Q(state="pending"), name="tax_operation_due"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.cause}"
