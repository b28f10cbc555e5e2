"""Discounts that need a code: campaigns with their terms, their codes, and who used them."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from audit.history import Tracked
from catalog.models import Discount
from orders.models.order import Order, amount_field


class DiscountCampaign(Discount):
    """The terms of one or many codes. Its codes share the budget and the limit per customer."""

    class Kind(models.TextChoices):
        PERCENT = "percent", "Percent off"
        FIXED = "fixed", "Amount off"
        FREE_SHIPPING = "free_shipping", "Free shipping"
        BUY_X_GET_Y = "buy_x_get_y", "Buy X get Y"

    class Target(models.TextChoices):
        LINES = "lines", "The goods it is for, line by line"
        ORDER = "order", "What all goods together cost"

    kind = models.CharField(max_length=20, choices=Kind)
    applies_to = models.CharField(max_length=10, choices=Target, default=Target.ORDER)
    cap = amount_field(null=True, blank=True, help_text="A percentage takes at most this off an order.")
    minimum_spend = amount_field(
        null=True, blank=True, help_text="What the goods it is for must cost after the automatic rules."
    )
    first_order_only = models.BooleanField(default=False)
    limit_per_customer = models.PositiveIntegerField(null=True, blank=True)
    combines = models.BooleanField(default=True, help_text="Whether other codes may be used beside it.")
    budget = amount_field(null=True, blank=True, help_text="All its codes together give at most this.")
    spent = amount_field(default=Decimal(0), editable=False)

    class Meta(Discount.Meta):
        ordering = ("-id",)
        constraints = (
            *Discount.Meta.constraints,
            models.CheckConstraint(
                condition=Q(spent__gte=0) & (Q(budget=None) | Q(budget__gte=F("spent"))),
                name="campaign_spends_at_most_budget",
            ),
            models.CheckConstraint(
                condition=(Q(cap=None) & Q(minimum_spend=None) & Q(budget=None)) | ~Q(currency=""),
                name="campaign_amounts_have_currency",
            ),
            models.CheckConstraint(
                condition=(Q(cap=None) | Q(cap__gt=0))
                & (Q(minimum_spend=None) | Q(minimum_spend__gte=0))
                & (Q(limit_per_customer=None) | Q(limit_per_customer__gt=0)),
                name="campaign_amounts_positive",
            ),
            models.CheckConstraint(
                condition=Q(kind="percent", percent__isnull=False)
                | Q(kind="fixed", amount__isnull=False)
                | Q(kind="free_shipping")
                | Q(kind="buy_x_get_y", percent__isnull=False, buy_quantity__isnull=False, get_quantity__isnull=False),
                name="campaign_has_what_its_kind_needs",
            ),
        )


class DiscountCode(Tracked):
    """A code as it is written, in capitals. `uses` counts its live redemptions."""

    campaign = models.ForeignKey(DiscountCampaign, models.PROTECT, related_name="codes")
    code = models.CharField(max_length=50, unique=True)
    active = models.BooleanField(default=True)
    limit = models.PositiveIntegerField(null=True, blank=True, help_text="Orders it may be used in; empty: no limit.")
    uses = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Tracked.Meta):
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(code__regex=r"\A[A-Z0-9][A-Z0-9_-]*\Z"), name="discount_code_well_formed"
            ),
            models.CheckConstraint(
                condition=Q(limit=None) | Q(limit__gte=F("uses")), name="discount_code_within_limit"
            ),
        )

    def __str__(self) -> str:
        return self.code


class CampaignCustomer(models.Model):
    """How often a customer has used a campaign. `customer` is a keyed digest of the e-mail address."""

    campaign = models.ForeignKey(DiscountCampaign, models.CASCADE, related_name="customers")
    customer = models.CharField(max_length=64)
    uses = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("campaign", "customer"), name="campaign_customer_once"),)

    def __str__(self) -> str:
        return f"{self.uses} of campaign {self.campaign_id}"


class DiscountRedemption(Tracked):
    """One use of a code in one order: reserved when it is placed, confirmed when it is paid, released with it."""

    class State(models.TextChoices):
        RESERVED = "reserved", "Reserved"
        CONFIRMED = "confirmed", "Confirmed"
        RELEASED = "released", "Released"

    code = models.ForeignKey(DiscountCode, models.PROTECT, related_name="redemptions")
    order = models.ForeignKey(Order, models.PROTECT, related_name="redemptions")
    customer = models.CharField(max_length=64)
    amount = amount_field()
    state = models.CharField(max_length=20, choices=State, default=State.RESERVED)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta(Tracked.Meta):
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("order", "code"), name="redemption_once_per_order"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="redemption_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.code_id} in order {self.order_id}"
