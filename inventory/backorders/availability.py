"""What a customer is told about an item: whether it is there, and when it will be."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, OuterRef, Subquery, Sum, TextChoices
from django.db.models.functions import Coalesce
from django.utils import timezone

from inventory.models import StockItem, StockLevel


class Availability(TextChoices):
    IN_STOCK = "in_stock"
    BACKORDER = "backorder"
    PREORDER = "preorder"
    OUT_OF_STOCK = "out_of_stock"


@dataclass(frozen=True, slots=True)
class Supply:
    """What can be promised of an item: units that are `there`, and so many `ahead` of the stock."""

    there: int = 0
    ahead: int = 0
    available_from: date | None = None
    expected_on: date | None = None

    @property
    def orderable(self) -> int:
        return self.there + self.ahead

    def availability(self, quantity: int = 1) -> Availability:
        """How so many units are sold now."""
        if quantity > self.orderable:
            return Availability.OUT_OF_STOCK
        if self.available_from and self.available_from > timezone.localdate():
            return Availability.PREORDER
        return Availability.IN_STOCK if quantity <= self.there else Availability.BACKORDER

    def promised_on(self, quantity: int = 1) -> date | None:
        """The day on which so many units are there; None when they are, or when nobody has said."""
        if self.availability(quantity) in {Availability.IN_STOCK, Availability.OUT_OF_STOCK}:
            return None
        days = (self.available_from, self.expected_on if quantity > self.there else None)
        return max(filter(None, days), default=None)


def supply_of(
    *, available: int, waiting: int, limit: int | None, available_from: date | None, expected_on: date | None
) -> Supply:
    """From the facts of an item. What came in for those who wait is not there for others."""
    ahead = max((limit or 0) - waiting, 0)
    return Supply(max(available - waiting, 0), ahead, available_from, expected_on)


def supply_for(skus: Iterable[str], *, own: frozenset[str] | None = None) -> dict[str, Supply]:
    """SKU → what can be promised of it: from the warehouses with the codes `own` where given, and then nothing ahead
    of the stock, since what comes in may lie elsewhere. One statement.
    """
    asked = list(skus)
    units = (
        StockLevel.objects.selling()
        .lying_in(own)
        .filter(item=OuterRef("pk"), available__gt=0)
        .order_by()
        .values("item")
        .annotate(units=Sum("available"))
        .values("units")
    )
    rows = (
        StockItem.objects.filter(sku__in=asked)
        .annotate(available=Coalesce(Subquery(units), 0), limit=F("backorder_limit"))
        .values_list("sku", "available", "waiting", "limit", "available_from", "expected_on")
    )
    return dict.fromkeys(asked, Supply()) | {
        sku: supply_of(
            available=there,
            waiting=waiting,
            limit=limit if own is None else None,
            available_from=first,
            expected_on=expected,
        )
        for sku, there, waiting, limit, first, expected in rows
    }
