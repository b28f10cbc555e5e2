"""Rules of returns as staff set them: what may come back, until when, at whose cost."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from audit.history import Tracked
from catalog.models import Category, Product
from orders.models.order import amount_field
from orders.states import ASKED_REASONS


class ReturnRule(Tracked):
    """What holds for a product, for a category and all below it, or (naming neither) for the whole shop.

    The nearest rule alone holds: the product's own, that of the product it is a variant of, of the nearest category,
    of the shop.
    """

    name = models.CharField(max_length=100)
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", help_text="Its variants as well."
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="+", help_text="And all below it."
    )
    returnable = models.BooleanField(default=True, help_text="Off: nobody but staff can open a return for it.")
    window_days = models.PositiveSmallIntegerField(
        "days", default=30, help_text="How long after the delivery of the whole order a return can be opened."
    )
    auto_approve_up_to = amount_field(
        null=True, blank=True, help_text="Above this worth, a person decides. Empty: however much it is worth."
    )
    currency = models.CharField(
        max_length=3, blank=True, help_text="Of the amounts here. In orders of other currencies they do not hold."
    )

    class Meta(Tracked.Meta):
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=Q(product=None) | Q(category=None), name="return_rule_for_one_thing"),
            models.UniqueConstraint(
                fields=("product", "category"), nulls_distinct=False, name="return_rule_once_per_thing"
            ),
            models.CheckConstraint(
                condition=Q(auto_approve_up_to=None) | Q(auto_approve_up_to__gte=0) & ~Q(currency=""),
                name="return_rule_amount_has_currency",
            ),
        )

    def __str__(self) -> str:
        return self.name


class ReturnTerm(Tracked):
    """What holds for one reason. Reasons without a row: no fee, a person decides, and who pays as is usual."""

    rule = models.ForeignKey(ReturnRule, models.CASCADE, related_name="terms")
    reason = models.CharField(max_length=20, choices=ASKED_REASONS)
    shop_pays_label = models.BooleanField("shop pays the way back", default=False)
    auto_approve = models.BooleanField("approved at once", default=False)
    refund_shipping = models.BooleanField(
        default=False, help_text="Also when only a part comes back. When all of it does, it is refunded anyway."
    )
    fee_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(0), help_text="Of what was paid for the units."
    )
    fee_amount = amount_field(default=Decimal(0), help_text="Once per line, in the rule's currency.")

    class Meta(Tracked.Meta):
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("rule", "reason"), name="return_term_once_per_reason"),
            models.CheckConstraint(
                condition=Q(reason__in=[reason for reason, _ in ASKED_REASONS]), name="return_term_reason_known"
            ),
            models.CheckConstraint(
                condition=Q(fee_percent__gte=0, fee_percent__lte=100, fee_amount__gte=0),
                name="return_term_fee_in_range",
            ),
        )

    def __str__(self) -> str:
        return f"{self.reason}, {self.rule}"
