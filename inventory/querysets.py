"""Reads of stock used in more than one place."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F

if TYPE_CHECKING:
    from inventory.models import Reservation, StockLevel  # noqa: F401  for the annotations of mypy alone

# At or below this many available units a level is shown as low.
LOW_STOCK = 5


class LevelQuerySet(models.QuerySet["StockLevel"]):
    def selling(self) -> Self:
        """Levels that customers can be served from."""
        return self.filter(warehouse__active=True)

    def low(self) -> Self:
        return self.filter(available__lte=LOW_STOCK)

    def not_low(self) -> Self:
        return self.filter(available__gt=LOW_STOCK)

    def with_codes(self) -> Self:
        """Each level with `sku` and `code`, the names it has outside."""
        return self.annotate(sku=F("item__sku"), code=F("warehouse__code"))


class ReservationQuerySet(models.QuerySet["Reservation"]):
    def open(self) -> Self:
        """Those that count in their level's `reserved`."""
        return self.filter(state__in=self.model.OPEN)

    def lock_open(self, order_id: int) -> Self:
        """The open ones of an order and their levels, locked in the order of the levels."""
        return (
            self.open()
            .filter(order_id=order_id)
            .select_related("level")
            .select_for_update(of=("self", "level"))
            .order_by("level_id", "id")
        )
