"""Where something is valid: a set of addresses that tax and shipping zones both are."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from audit.history import HistoryTrigger, Tracked
from catalog.models import is_slug
from catalog.terms_version import BumpsTerms


class Area(Tracked):
    """Addresses by country, region and postal code. Of the zones that hold an address the most precise counts: one
    that names postal codes before one that names regions, that before one of countries, that before all the world;
    among equals the lowest priority, then the code.

    Patterns of postal codes: `10115` that one, `75*` all that begin so, `1000..1999` those between.
    """

    code = models.SlugField(max_length=50, unique=True, validators=[is_slug])
    name = models.CharField(max_length=100)
    countries = ArrayField(
        models.CharField(max_length=2), default=list, blank=True, help_text="ISO 3166-1 alpha-2; none means all."
    )
    regions = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    postcodes = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    excluded_postcodes = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    priority = models.PositiveSmallIntegerField(default=100, help_text="The lowest comes first.")
    active = models.BooleanField(default=True)

    class Meta(Tracked.Meta):
        abstract = True
        ordering = ("priority", "code")
        triggers = (HistoryTrigger(), BumpsTerms())

    def __str__(self) -> str:
        return self.name
