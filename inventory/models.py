"""What lies where, who is promised it, and every move of it."""

from datetime import date

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from audit.history import Tracked, append_only
from inventory.backorders.models import Backorder
from inventory.querysets import (
    LevelQuerySet,
    MovementQuerySet,
    ReservationQuerySet,
    ShortfallQuerySet,
    WarehouseQuerySet,
)
from inventory.routing import Reason, Strategy
from inventory.transfers.models import Transfer, TransferLine
from inventory.wms import models as wms_models  # noqa: F401  their tables belong to this app

__all__ = [
    "Backorder",
    "Reservation",
    "RoutingRule",
    "Shortfall",
    "StockItem",
    "StockLevel",
    "StockMovement",
    "Transfer",
    "TransferLine",
    "Warehouse",
]

# Far above any shelf, and low enough that no sum leaves the column's range.
MAX_ON_HAND = 100_000_000
is_country = RegexValidator(r"\A[A-Z]{2}\Z", "Two capital letters, as DE.")
is_bin = RegexValidator(r"\A[A-Za-z0-9][A-Za-z0-9 ._/-]*\Z", "Letters, digits, dots, dashes and slashes.")
is_warehouse_code = RegexValidator(r"\A[A-Za-z0-9][A-Za-z0-9_-]*\Z", "Letters, digits, - and _.")


class StockItem(Tracked):
    """A thing on a shelf, known by its SKU. What it is called and costs is the catalogue's matter."""

    sku = models.CharField("SKU", max_length=64, unique=True)
    backorder_limit = models.PositiveIntegerField(
        null=True, blank=True, help_text="Units that may be sold beyond the stock; empty: none."
    )
    available_from = models.DateField(
        "on sale from", null=True, blank=True, help_text="Ordered before that day, it is a pre-order."
    )
    expected_on = models.DateField(null=True, blank=True, help_text="When units sold beyond the stock will be there.")
    waiting = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="Units sold beyond the stock that nobody has yet."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Tracked.Meta):
        ordering = ("sku",)

    def __str__(self) -> str:
        return self.sku

    @property
    def room_ahead(self) -> int:
        """How many units may still be sold beyond the stock."""
        return max((self.backorder_limit or 0) - self.waiting, 0)

    @property
    def promised_on(self) -> date | None:
        """When units sold beyond the stock will be there: not before the item is on sale."""
        return max(filter(None, (self.available_from, self.expected_on)), default=None)


class Warehouse(Tracked):
    """A place that holds stock. Only active ones sell; the lowest priority number is asked first."""

    code = models.CharField(
        max_length=20,
        unique=True,
        validators=[is_warehouse_code],
        help_text="Its id in addresses and files, such as BER-1. It cannot be changed later.",
    )
    name = models.CharField(max_length=100)
    active = models.BooleanField(default=True, help_text="Stock of an inactive warehouse is not sold.")
    priority = models.PositiveSmallIntegerField(default=100, help_text="The lowest number is asked first.")
    line1 = models.CharField("street", max_length=200, blank=True, default="", db_default="")
    city = models.CharField(max_length=100, blank=True, default="", db_default="")
    postal_code = models.CharField(max_length=20, blank=True, default="", db_default="")
    country = models.CharField(
        max_length=2,
        blank=True,
        default="",
        db_default="",
        validators=[is_country],
        help_text="ISO 3166-1 alpha-2, for orders of its region.",
    )
    region = models.CharField(max_length=100, blank=True, default="", db_default="")

    objects = WarehouseQuerySet.as_manager()

    class Meta(Tracked.Meta):
        ordering = ("priority", "code")

    def __str__(self) -> str:
        return self.code


class RoutingRule(Tracked):
    """What decides which warehouse serves an order; active rules are asked in their order."""

    strategy = models.CharField(max_length=20, choices=Strategy, unique=True)
    position = models.PositiveSmallIntegerField(default=100, help_text="The lowest is asked first.")
    active = models.BooleanField(default=True)

    class Meta(Tracked.Meta):
        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(strategy__in=["own_region", "fewest_parcels", "priority", "stock_left"]),
                name="routing_rule_strategy_known",
            ),
        )

    def __str__(self) -> str:
        return Strategy(self.strategy).label


class StockLevel(Tracked):
    """How much of one item one warehouse has. Its counters are written by `inventory.services.levels` alone.

    `reserved` may exceed `on_hand`, since a count can find less than is promised; a `Shortfall` says so.
    """

    item = models.ForeignKey(StockItem, models.PROTECT, related_name="levels")
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="levels")
    on_hand = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)
    safety = models.PositiveIntegerField(default=0, help_text="Units kept back from sale.")
    reorder_point = models.PositiveIntegerField(
        null=True, blank=True, help_text="Low at so many available units; empty: at the shop's usual number."
    )
    low_since = models.DateTimeField(null=True, blank=True, editable=False)
    bin = models.CharField(
        max_length=30, blank=True, default="", db_default="", help_text="Where in the warehouse it lies, as A-03-2."
    )
    available = models.GeneratedField(
        expression=Greatest(F("on_hand") - F("reserved") - F("safety"), Value(0)),
        output_field=models.IntegerField(),
        db_persist=True,
    )

    objects = LevelQuerySet.as_manager()

    class Meta(Tracked.Meta):
        ordering = ("item", "warehouse")
        constraints = (
            models.UniqueConstraint(fields=("item", "warehouse"), name="stock_level_one_per_item_and_warehouse"),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="stock_level_on_hand_not_negative"),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="stock_level_reserved_not_negative"),
            models.CheckConstraint(condition=Q(safety__gte=0), name="stock_level_safety_not_negative"),
        )
        indexes = (models.Index(fields=("available", "id"), name="stock_level_by_available"),)

    def __str__(self) -> str:
        return f"{self.item} at {self.warehouse}"


class Reservation(Tracked):
    """Units of one level promised to one line of an order. An open one counts in the level's `reserved`."""

    class State(models.TextChoices):
        HELD = "held"
        COMMITTED = "committed"
        CONSUMED = "consumed"
        RELEASED = "released"

    OPEN = (State.HELD, State.COMMITTED)

    # The level says item and warehouse too; they are repeated for lists that filter by them.
    level = models.ForeignKey(StockLevel, models.PROTECT, related_name="reservations", db_index=False)
    item = models.ForeignKey(StockItem, models.PROTECT, related_name="reservations", db_index=False)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="reservations", db_index=False)
    # Orders live above this app: known by id only.
    order_id = models.BigIntegerField()
    order_line_id = models.BigIntegerField()
    order_number = models.CharField(max_length=20, blank=True, default="", db_default="")
    quantity = models.PositiveIntegerField()
    reason = models.CharField(
        max_length=20, blank=True, default="", db_default="", choices=Reason, help_text="Why from this warehouse."
    )
    state = models.CharField(max_length=10, choices=State)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ReservationQuerySet.as_manager()

    class Meta(Tracked.Meta):
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_quantity_positive"),
            models.CheckConstraint(
                condition=Q(state__in=["held", "committed", "consumed", "released"]), name="reservation_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="held", expires_at__isnull=False) | (~Q(state="held") & Q(expires_at__isnull=True)),
                name="reservation_expires_while_held",
            ),
        )
        indexes = (
            models.Index(fields=("order_id",), name="reservation_by_order"),
            models.Index(fields=("item", "id"), name="reservation_by_item"),
            models.Index(fields=("level",), condition=Q(state__in=["held", "committed"]), name="reservation_open"),
            models.Index(fields=("expires_at",), condition=Q(state="held"), name="reservation_by_expiry"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} of {self.level} for order {self.order_id}"


class StockMovement(models.Model):
    """One change of one level's `on_hand`: written once, never changed, the only way `on_hand` moves."""

    class Kind(models.TextChoices):
        RECEIVED = "received"
        SHIPPED = "shipped"
        RETURNED = "returned"
        ADJUSTED = "adjusted"
        SYNCED = "synced"
        TRANSFERRED = "transferred"

    class Reason(models.TextChoices):
        RECEIVED = "received"
        COUNT = "count"
        DAMAGE = "damage"
        LOSS = "loss"
        CORRECTION = "correction"

    level = models.ForeignKey(StockLevel, models.PROTECT, related_name="movements", db_index=False)
    item = models.ForeignKey(StockItem, models.PROTECT, related_name="movements", db_index=False)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="movements", db_index=False)
    delta = models.IntegerField()
    on_hand_after = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    cause = models.CharField(max_length=100, help_text="What brought it about, such as shipment:W1000001-1.")
    order_line_id = models.BigIntegerField(null=True, blank=True)
    actor = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MovementQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        triggers = (append_only(),)
        constraints = (
            models.CheckConstraint(
                condition=~Q(delta=0) | Q(reason="count") | Q(kind="synced"),
                # A count that finds what was expected is worth keeping; any other movement moves something.
                name="stock_movement_moves_unless_counted",
            ),
            models.CheckConstraint(condition=Q(on_hand_after__gte=0), name="stock_movement_on_hand_not_negative"),
            models.CheckConstraint(
                condition=Q(kind__in=["received", "returned"], delta__gt=0)
                | Q(kind="shipped", delta__lt=0)
                | Q(kind__in=["adjusted", "synced", "transferred"]),
                name="stock_movement_kind_and_direction",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=["", "received", "count", "damage", "loss", "correction"]),
                name="stock_movement_reason_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["shipped", "returned"], order_line_id__isnull=False)
                | (~Q(kind__in=["shipped", "returned"]) & Q(order_line_id__isnull=True)),
                name="stock_movement_line_when_sold",
            ),
            models.UniqueConstraint(
                fields=("order_line_id", "kind", "cause"),
                condition=Q(order_line_id__isnull=False),
                name="stock_movement_once_per_line_and_cause",
            ),
        )
        indexes = (
            models.Index(fields=("item", "id"), name="stock_movement_by_item"),
            models.Index(fields=("level", "id"), name="stock_movement_by_level"),
            # What came and went since a WMS has counted.
            models.Index(
                fields=("level", "created_at"), condition=~Q(kind="synced"), name="stock_movement_own_by_time"
            ),
            models.Index(fields=("cause",), name="stock_movement_by_cause"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.delta:+d} of {self.level}"


class Shortfall(Tracked):
    """More is promised of a level than lies there: the open row says exactly how much more."""

    level = models.ForeignKey(StockLevel, models.PROTECT, related_name="shortfalls")
    quantity = models.PositiveIntegerField(help_text="Units promised and not there; once closed, the last number.")
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ShortfallQuerySet.as_manager()

    class Meta(Tracked.Meta):
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shortfall_quantity_positive"),
            models.UniqueConstraint(
                fields=("level",), condition=Q(closed_at__isnull=True), name="shortfall_one_open_per_level"
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} short of {self.level}"
