"""Discounts: the terms that automatic rules and the campaigns of codes share, and the rules themselves."""

from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from audit.history import HistoryTrigger, Tracked
from catalog.models.product import is_slug
from catalog.terms_version import BumpsTerms

HUNDRED = Decimal(100)


def amount_field(**kwargs: Any) -> models.DecimalField:
    """Major units of the currency beside it; four decimals hold every ISO 4217 exponent in use."""
    return models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True, **kwargs)


def skus_field(**kwargs: Any) -> ArrayField:
    return ArrayField(models.CharField(max_length=64), default=list, blank=True, **kwargs)


def categories_field(**kwargs: Any) -> ArrayField:
    """Ids of categories: a renamed one stays in its discounts; one that is gone matches nothing."""
    return ArrayField(models.BigIntegerField(), default=list, blank=True, **kwargs)


def tags_field(**kwargs: Any) -> ArrayField:
    return ArrayField(models.CharField(max_length=50), default=list, blank=True, **kwargs)


class Discount(Tracked):
    """What a discount gives, on which goods and when. Goods: any of the SKUs, categories (with those below) and
    tags; none of them named means all. `get_…` are the goods that buy X get Y gives; none named means the same.
    """

    name = models.CharField(max_length=100)
    active = models.BooleanField(default=True, help_text="Switched off it does nothing, whatever its dates.")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True, help_text="From this instant on it does nothing.")
    percent = models.DecimalField(
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(HUNDRED)],
    )
    amount = amount_field(help_text="In the currency of the discount.")
    currency = models.CharField(max_length=3, blank=True, help_text="Empty: it works in every currency.")
    skus = skus_field()
    category_ids = categories_field()
    tags = tags_field()
    buy_quantity = models.PositiveIntegerField(null=True, blank=True)
    get_quantity = models.PositiveIntegerField(null=True, blank=True)
    get_skus = skus_field()
    get_category_ids = categories_field()
    get_tags = tags_field()
    max_times = models.PositiveIntegerField(
        null=True, blank=True, help_text="How often buy X get Y counts in one order; empty: as often as it fits."
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Tracked.Meta):
        abstract = True
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="%(class)s_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__gt=0, percent__lte=100), name="%(class)s_percent_to_100"
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | (Q(amount__gte=0) & ~Q(currency="")), name="%(class)s_amount_has_currency"
            ),
            models.CheckConstraint(
                condition=(Q(buy_quantity=None) | Q(buy_quantity__gt=0))
                & (Q(get_quantity=None) | Q(get_quantity__gt=0))
                & (Q(max_times=None) | Q(max_times__gt=0)),
                name="%(class)s_counts_positive",
            ),
        )

    def __str__(self) -> str:
        return self.name


class DiscountRule(Discount):
    """A discount that needs no code.

    Lanes follow each other by number; each works on what those before have left of a line. Within a lane the rules
    go by priority: an exclusive one only takes lines that no rule of its lane has touched, and closes them for it.
    """

    class Kind(models.TextChoices):
        PERCENT = "percent", "Percent off"
        FIXED_OFF = "fixed_off", "Amount off each unit"
        FIXED_PRICE = "fixed_price", "Fixed price of a unit"
        TIERS = "tiers", "Percent by quantity"
        BUY_X_GET_Y = "buy_x_get_y", "Buy X get Y"

    kind = models.CharField(max_length=20, choices=Kind)
    lane = models.PositiveSmallIntegerField(default=1)
    priority = models.PositiveSmallIntegerField(default=100, help_text="The lowest comes first.")
    exclusive = models.BooleanField(default=False)
    groups = ArrayField(
        models.CharField(max_length=50, validators=[is_slug]),
        default=list,
        blank=True,
        help_text="Customer groups it is for; none named means everybody.",
    )
    # [{"from": 10, "percent": "5"}], from the lowest quantity up.
    tiers = models.JSONField(default=list, blank=True)

    class Meta(Discount.Meta):
        triggers = (HistoryTrigger(), BumpsTerms())
        ordering = ("lane", "priority", "id")
        constraints = (
            *Discount.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind="percent", percent__isnull=False)
                | Q(kind__in=["fixed_off", "fixed_price"], amount__isnull=False)
                | (Q(kind="tiers") & ~Q(tiers=[]))
                | Q(kind="buy_x_get_y", percent__isnull=False, buy_quantity__isnull=False, get_quantity__isnull=False),
                name="discountrule_has_what_its_kind_needs",
            ),
        )

    @property
    def steps(self) -> tuple[tuple[int, Decimal], ...]:
        """The tiers as (from units, percent), ascending."""
        return tuple((tier["from"], Decimal(tier["percent"])) for tier in self.tiers)
