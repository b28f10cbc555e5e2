"""How orders are sent where, at what price, and by when."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from audit.history import HistoryTrigger, Tracked
from catalog.models import is_slug
from catalog.terms_version import BumpsTerms
from orders.models.area import Area
from orders.models.order import amount_field

MOST_DAYS = 365


class ShippingZone(Area):
    """Addresses that are sent to alike."""


class ShippingMethod(Tracked):
    """A way to send: by when it leaves and how long it travels, in working days. Its prices: `ShippingRate`."""

    code = models.SlugField(max_length=50, unique=True, validators=[is_slug])
    name = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField(default=0, help_text="The lowest comes first.")
    active = models.BooleanField(default=True)
    cut_off = models.TimeField(
        null=True, blank=True, help_text="Shop time; what is ordered later counts as of the next working day."
    )
    handling_days = models.PositiveSmallIntegerField(
        default=1, validators=[MaxValueValidator(MOST_DAYS)], help_text="Working days until it is handed over."
    )
    transit_days = models.PositiveSmallIntegerField(
        default=3, validators=[MaxValueValidator(MOST_DAYS)], help_text="Working days on the way."
    )
    carrier = models.CharField(max_length=50, blank=True, help_text="Whose live rate is asked for first.")
    carrier_service = models.CharField(max_length=50, blank=True, help_text="The carrier's name of the service.")

    class Meta(Tracked.Meta):
        ordering = ("position", "code")
        triggers = (HistoryTrigger(), BumpsTerms())

    def __str__(self) -> str:
        return self.name


class ShippingRate(Tracked):
    """What a method costs into a zone in one currency: the price of the band that the basket falls into, plus
    `per_item` for each unit and `per_kilo` for each kilogram, in proportion. Goods of at least `free_over` after
    discounts are sent for nothing. A basket that falls into no band is not sent this way.
    """

    class Basis(models.TextChoices):
        WEIGHT = "weight", "Weight in grams"
        SUBTOTAL = "subtotal", "Value of the goods after discounts"

    zone = models.ForeignKey(ShippingZone, models.CASCADE, related_name="rates")
    method = models.ForeignKey(ShippingMethod, models.CASCADE, related_name="rates")
    currency = models.CharField(max_length=3)
    basis = models.CharField(max_length=20, choices=Basis, default=Basis.WEIGHT)
    per_item = amount_field(default=0)
    per_kilo = amount_field(default=0)
    free_over = amount_field(null=True, blank=True)
    transit_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(MOST_DAYS)], help_text="Instead of the method's."
    )

    class Meta(Tracked.Meta):
        ordering = ("zone", "method", "currency")
        triggers = (HistoryTrigger(), BumpsTerms())
        constraints = (
            models.UniqueConstraint(fields=("zone", "method", "currency"), name="shipping_rate_once"),
            models.CheckConstraint(
                condition=Q(per_item__gte=0, per_kilo__gte=0) & (Q(free_over=None) | Q(free_over__gte=0)),
                name="shipping_rate_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.method} into {self.zone}, {self.currency}"


class ShippingBand(Tracked):
    """From `lower` to below `upper` (none: without end), in grams or in the rate's currency, it costs `price`."""

    rate = models.ForeignKey(ShippingRate, models.CASCADE, related_name="bands")
    lower = amount_field(default=0)
    upper = amount_field(null=True, blank=True)
    price = amount_field()

    class Meta(Tracked.Meta):
        ordering = ("rate", "lower")
        triggers = (HistoryTrigger(), BumpsTerms())
        constraints = (
            models.UniqueConstraint(fields=("rate", "lower"), name="shipping_band_once_per_lower"),
            models.CheckConstraint(
                condition=Q(lower__gte=0, price__gte=0) & (Q(upper=None) | Q(upper__gt=F("lower"))),
                name="shipping_band_well_formed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.lower} to {self.upper}: {self.price}"
