"""Rows from services as HTTP shows them."""

from typing import Any

from inventory.models import StockLevel, StockMovement
from inventory.serializers import MovementSerializer, StockSerializer


def stock_of(level: StockLevel) -> dict[str, Any]:
    """A level, with what is on its way to it."""
    shown: Any = _named(level, level)
    shown.incoming = StockLevel.objects.with_incoming().get(pk=level.pk).incoming  # type: ignore[attr-defined]
    return dict(StockSerializer(shown).data)


def movement_of(movement: StockMovement) -> dict[str, Any]:
    """A movement."""
    return dict(MovementSerializer(_named(movement, movement.level)).data)


def _named(row: Any, level: StockLevel) -> Any:
    """Give a row from a service the outside names that a list reads from the database."""
    row.sku, row.code = level.item.sku, level.warehouse.code
    return row
