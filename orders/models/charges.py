"""How the total of an order came about, row by row, as it was priced: written once, never changed."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from audit.history import append_only
from orders.models.order import Order, OrderLine, amount_field


class LineDiscount(models.Model):
    """What one rule or code took off one line."""

    class Source(models.TextChoices):
        RULE = "rule", "Rule"
        CODE = "code", "Code"
        EXCHANGE = "exchange", "Exchange"

    order = models.ForeignKey(Order, models.PROTECT, related_name="line_discounts")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="discounts")
    source = models.CharField(max_length=10, choices=Source)
    source_id = models.BigIntegerField(help_text="Of the rule, the campaign or the return.")
    code = models.CharField(max_length=50, blank=True)
    name = models.CharField(max_length=100)
    base = amount_field(help_text="What the line cost before this step.")
    amount = amount_field()

    class Meta:
        ordering = ("id",)
        triggers = (append_only(),)
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=F("base")), name="line_discount_within_base"),
        )

    def __str__(self) -> str:
        return f"{self.name}: {self.amount}"


class ShippingCharge(models.Model):
    """What sending the order costs: `total = price − discount + tax`; `included_tax` is a part of it."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="shipping_charge")
    method = models.CharField(max_length=50)
    name = models.CharField(max_length=100)
    zone = models.CharField(max_length=50, blank=True)
    price = amount_field()
    discount = amount_field(default=Decimal(0))
    discount_code = models.CharField(max_length=50, blank=True)
    tax_rate = models.DecimalField(max_digits=7, decimal_places=6, default=Decimal(0))
    tax = amount_field(default=Decimal(0))
    included_tax = amount_field(default=Decimal(0))
    total = amount_field()
    estimated = models.BooleanField(default=False, help_text="The carrier did not say its price in time.")
    # What the promise is counted from once the order is paid.
    cut_off = models.TimeField(null=True)
    handling_days = models.PositiveSmallIntegerField()
    transit_days = models.PositiveSmallIntegerField()

    class Meta:
        triggers = (append_only(),)
        constraints = (
            models.CheckConstraint(
                condition=Q(total=F("price") - F("discount") + F("tax")), name="shipping_charge_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0, discount__lte=F("price"), tax__gte=0, included_tax__gte=0),
                name="shipping_charge_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}: {self.total}"


class TaxLine(models.Model):
    """The tax on one line, or (without a line) on the shipping. `amount` is part of `base` where it is `included`."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="tax_lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, null=True, related_name="tax_lines")
    name = models.CharField(max_length=100)
    zone = models.CharField(max_length=50, blank=True)
    tax_class = models.CharField(max_length=50, blank=True)
    rate = models.DecimalField(max_digits=7, decimal_places=6)
    base = amount_field()
    amount = amount_field()
    included = models.BooleanField()
    source = models.CharField(max_length=20, help_text="Who said the rate: tables, or a provider.")
    estimated = models.BooleanField(default=False, help_text="From the tables, since the provider was away.")
    reason = models.CharField(max_length=50, blank=True, help_text="Why nothing is due: exempt, reverse_charge.")

    class Meta:
        ordering = ("id",)
        triggers = (append_only(),)
        constraints = (models.CheckConstraint(condition=Q(amount__gte=0, base__gte=0), name="tax_line_not_negative"),)

    def __str__(self) -> str:
        return f"{self.name}: {self.amount}"
