"""Reads of stock used in more than one place."""

from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from inventory.callers import own_items, own_warehouses

if TYPE_CHECKING:
    from inventory.models import Reservation, Shortfall, StockLevel, StockMovement, Warehouse  # noqa: F401  for the annotations of mypy alone

M = TypeVar("M", bound=models.Model)


class PlacedQuerySet(models.QuerySet[M]):
    """Rows that each lie in one warehouse, whose code is found along `code_path`."""

    code_path: ClassVar[str] = "warehouse__code"

    def lying_in(self, codes: frozenset[str] | None) -> Self:
        """Rows of the warehouses with these codes; None: all rows."""
        return self.all() if codes is None else self.filter(**{f"{self.code_path}__in": sorted(codes)})

    def visible_to(self, caller: object) -> Self:
        """Rows of the caller's warehouses; all rows for whoever is not limited to some."""
        return self.lying_in(own_warehouses(caller))


def _reorder_point() -> Coalesce:
    """Of a level without one of its own it is the shop's."""
    return Coalesce("reorder_point", Value(settings.SHOP_REORDER_POINT))


class WarehouseQuerySet(PlacedQuerySet["Warehouse"]):
    code_path = "code"


class LevelQuerySet(PlacedQuerySet["StockLevel"]):
    def visible_to(self, caller: object) -> Self:
        """Levels in the caller's warehouses, of the items that they see."""
        items = own_items(caller)
        levels = super().visible_to(caller)
        return levels if items is None else levels.filter(item__in=items)

    def selling(self) -> Self:
        """Levels that customers can be served from."""
        return self.filter(warehouse__active=True)

    def low(self) -> Self:
        """At or below their reorder points."""
        return self.filter(available__lte=_reorder_point())

    def not_low(self) -> Self:
        return self.filter(available__gt=_reorder_point())

    def with_codes(self) -> Self:
        """Each level with `sku` and `code`, the names it has outside, and `incoming`."""
        return self.annotate(sku=F("item__sku"), code=F("warehouse__code")).with_incoming()

    def with_incoming(self) -> Self:
        """Each level with `incoming`, the units on their way to it from other warehouses."""
        awaited = (
            apps.get_model("inventory", "TransferLine")
            .objects.filter(item=OuterRef("item"), transfer__target=OuterRef("warehouse"), transfer__state="in_transit")
            .order_by()
            .values("item")
            .annotate(units=Sum("quantity"))
            .values("units")
        )
        return self.annotate(incoming=Coalesce(Subquery(awaited), 0))


class MovementQuerySet(PlacedQuerySet["StockMovement"]):
    """A transfer has a row at either end: whoever has one of the warehouses sees that end of it."""


class ShortfallQuerySet(PlacedQuerySet["Shortfall"]):
    code_path = "level__warehouse__code"


class ReservationQuerySet(PlacedQuerySet["Reservation"]):
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
