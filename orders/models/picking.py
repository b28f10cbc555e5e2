"""Pick lists: what is fetched from the shelves of one warehouse in one walk, and what was not found there."""

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from accounts.models import User
from audit.history import Tracked, append_only
from inventory.models import Warehouse
from inventory.querysets import PlacedQuerySet
from orders.models.order import Order, OrderLine

NEXT_NUMBER = Concat(
    Value("PL"),
    Cast(Func(Value("orders_pick_list_number"), function="nextval"), models.TextField()),
    output_field=models.CharField(),
)


class PickListQuerySet(PlacedQuerySet["PickList"]):
    """Reads of pick lists, each person those of their warehouses."""


class PickList(Tracked):
    """One walk through one warehouse, for several orders at once."""

    class State(models.TextChoices):
        OPEN = "open"
        PICKING = "picking"
        DONE = "done"
        CANCELLED = "cancelled"

    ACTIVE = (State.OPEN, State.PICKING)

    number = models.CharField(max_length=20, unique=True, db_default=NEXT_NUMBER)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    assigned_to = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="Whoever began to pick it."
    )
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = PickListQuerySet.as_manager()

    class Meta(Tracked.Meta):
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["open", "picking", "done", "cancelled"]), name="pick_list_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "picking"], finished_at=None)
                | Q(state__in=["done", "cancelled"], finished_at__isnull=False),
                name="pick_list_finished_when_over",
            ),
        )
        indexes = (models.Index(fields=("state", "-id"), name="pick_list_by_state"),)

    def __str__(self) -> str:
        return self.number

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE


class PickTask(Tracked):
    """Units of one line to be fetched. It stays open until they are packed or given up, so that no two lists send
    somebody for the same units.
    """

    pick_list = models.ForeignKey(PickList, models.PROTECT, related_name="tasks")
    order = models.ForeignKey(Order, models.PROTECT, related_name="pick_tasks")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="pick_tasks")
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+", db_index=False)
    sku = models.CharField("SKU", max_length=100)
    bin = models.CharField(max_length=30, blank=True, help_text="Where it lay when the list was made.")
    quantity = models.PositiveIntegerField()
    picked = models.PositiveIntegerField(default=0)
    short = models.PositiveIntegerField(default=0, help_text="Units that were not there.")
    packed = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Tracked.Meta):
        ordering = ("bin", "sku", "id")
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="pick_task_quantity_positive"),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("picked") + F("short")), name="pick_task_picks_only_what_is_asked"
            ),
            models.UniqueConstraint(
                fields=("line", "warehouse"), condition=Q(closed_at=None), name="pick_task_open_once_per_line"
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku} for order {self.order_id}"

    @property
    def wanted(self) -> int:
        """Units that are still to be had for the order: less than asked when some were cancelled, or not found."""
        live = self.line.units.unpacked + self.packed
        return max(min(self.quantity - self.short, live), 0)

    @property
    def left(self) -> int:
        """Units still to be fetched."""
        return 0 if self.closed_at else max(self.wanted - max(self.picked, self.packed), 0)


class ShortPick(models.Model):
    """Somebody stood before the shelf and did not find what the books say is there. The units stay open."""

    class Reason(models.TextChoices):
        MISSING = "missing"
        DAMAGED = "damaged"
        WRONG_PLACE = "wrong_place"

    order = models.ForeignKey(Order, models.PROTECT, related_name="short_picks")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+")
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+", db_index=False)
    pick_list = models.ForeignKey(PickList, models.PROTECT, null=True, blank=True, related_name="short_picks")
    quantity = models.PositiveIntegerField()
    reason = models.CharField(max_length=12, choices=Reason)
    actor = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        triggers = (append_only(),)
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="short_pick_quantity_positive"),
            models.CheckConstraint(
                condition=Q(reason__in=["missing", "damaged", "wrong_place"]), name="short_pick_reason_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.line_id} {self.reason}"
