"""What happened to stock. Whoever publishes one holds the lock of its level."""

from dataclasses import dataclass
from typing import ClassVar

from audit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelEvent(Event):
    """Something that happened to one level: an item at a warehouse."""

    aggregate: ClassVar[str] = "stock_level"
    key: ClassVar[str] = "level_id"

    level_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAdjusted(LevelEvent):
    """A person received, counted or wrote off units."""

    movement_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTransferred(LevelEvent):
    """Units left this level for another warehouse."""

    to_level_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyChanged(LevelEvent):
    safety: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLow(LevelEvent):
    """No more than the reorder point are available: told once, until it is refilled."""

    available: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReorderPointChanged(LevelEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class BinChanged(LevelEvent):
    """The goods lie in another place of the same warehouse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortfallOpened(LevelEvent):
    """More is promised than lies there."""

    shortfall_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortfallChanged(LevelEvent):
    shortfall_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortfallClosed(LevelEvent):
    """All that is promised lies there again."""

    shortfall_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseEvent(Event):
    aggregate: ClassVar[str] = "warehouse"
    key: ClassVar[str] = "warehouse_id"

    warehouse_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseCreated(WarehouseEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseChanged(WarehouseEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseDeleted(WarehouseEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingChanged(Event):
    """The shop decides otherwise which warehouse serves an order."""

    aggregate: ClassVar[str] = "routing_rule"
    key: ClassVar[str] = "rule_id"

    rule_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackorderTermsChanged(Event):
    """How far an item may be sold beyond its stock, or when it is there."""

    aggregate: ClassVar[str] = "stock_item"
    key: ClassVar[str] = "item_id"

    item_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferEvent(Event):
    """Something that happened to goods on their way between warehouses."""

    aggregate: ClassVar[str] = "transfer"
    key: ClassVar[str] = "transfer_id"

    transfer_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSent(TransferEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReceived(TransferEvent):
    """It has arrived; `lost` units of it have not."""

    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferCancelled(TransferEvent):
    """The goods are back where they came from."""
