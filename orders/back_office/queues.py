"""The queues of the day: work to be done, oldest promise first, each with its live count.

Test orders are nobody's work: they stand among all orders, marked, and in no other queue.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string

from audit.models import Delivery, ExceptionCase
from inventory.models import Reservation, Shortfall
from orders.models import Hold, Order, Return, Shipment
from orders.states import PaymentStatus, ReturnState, ShipmentStatus, Status

# Counted exactly up to here; beyond, a person only needs to know that there are many.
MOST = 10_000
Rows = QuerySet[Order]
OLDEST_PROMISE = (F("ship_by").asc(nulls_last=True), "id")


def _not_on_hold() -> Q:
    return Q(~Exists(Hold.objects.filter(order=OuterRef("pk"), released_at=None)))


def _part_paid() -> Q:
    return Q(status=Status.PAID, payment_status=PaymentStatus.PARTIALLY_PAID)


def _with_package(status: str) -> Rows:
    return Order.objects.live().filter(pk__in=Shipment.objects.filter(status=status).order_by().values("order"))


def _to_pay() -> Rows:
    """Unpaid ones, and those that an edit made cost more than was paid."""
    return Order.objects.live().filter(Q(status=Status.PENDING) | _part_paid())


def _to_pack() -> Rows:
    return Order.objects.live().filter(_not_on_hold(), status=Status.PAID).exclude(_part_paid())


def _to_ship() -> Rows:
    return _with_package(ShipmentStatus.PACKED).filter(_not_on_hold())


def _in_transit() -> Rows:
    return _with_package(ShipmentStatus.SHIPPED)


def _delivered() -> Rows:
    return Order.objects.live().filter(status=Status.DELIVERED)


def _returns() -> Rows:
    awaited = Return.objects.filter(status__in=[ReturnState.REQUESTED, ReturnState.APPROVED])
    return Order.objects.live().filter(pk__in=awaited.order_by().values("order"))


def _on_hold() -> Rows:
    return Order.objects.live().filter(pk__in=Hold.objects.filter(released_at=None).order_by().values("order"))


def _late() -> Rows:
    return Order.objects.live().filter(status__in=[Status.PAID, Status.PACKED], ship_by__lt=timezone.now())


def _short() -> Rows:
    """Those that wait for a level of which more is promised than lies there."""
    levels = Shortfall.objects.filter(closed_at=None).values("level")
    waiting = Reservation.objects.open().filter(level__in=levels).order_by()
    return Order.objects.live().filter(pk__in=waiting.values("order_id"))


def _payment_failed() -> Rows:
    return Order.objects.live().filter(status=Status.PENDING, payment_status=PaymentStatus.FAILED)


def _waits() -> Rows:
    """Those of which an exception waits for a person."""
    cases = ExceptionCase.objects.open().filter(subject_type=Order._meta.label_lower).order_by()
    return Order.objects.live().filter(pk__in=cases.values(order=Cast("subject_id", BigIntegerField())))


def _exceptions() -> Rows:
    # A union of five looks into indexes; a disjunction would read every order.
    first, *others = (rows().order_by().values("pk") for rows in (_on_hold, _late, _short, _payment_failed, _waits))
    return Order.objects.filter(pk__in=first.union(*others))


@dataclass(frozen=True, slots=True)
class Queue:
    """Orders that wait for one kind of work: `rows` finds them, by an index of the few that are still open.

    `bulk` names the verbs that can be done with many at once, `part_of` the queue of which this is one kind.
    """

    key: str
    title: str
    icon: str
    rows: Callable[[], Rows]
    empty: str
    bulk: tuple[str, ...] = ()
    part_of: str = ""
    order: tuple[Any, ...] = OLDEST_PROMISE


QUEUES = (
    Queue("to_pay", "To pay", "payments", _to_pay, "Nobody owes anything.", ("pay", "cancel"),
          order=("expires_at", "id")),
    Queue("to_pack", "To pack", "inventory_2", _to_pack, "All that is paid for is packed.", ("pack", "hold", "cancel")),
    Queue("to_ship", "To ship", "local_shipping", _to_ship, "No package waits for its carrier.", ("ship",)),
    Queue("in_transit", "In transit", "flight_takeoff", _in_transit, "No package is on its way.", ("deliver",)),
    Queue("delivered", "Delivered", "where_to_vote", _delivered, "Nothing has been delivered yet.", order=("-id",)),
    Queue("returns", "Returns", "assignment_return", _returns, "No return waits for you.", ("approve_return",)),
    Queue("exceptions", "Exceptions", "error", _exceptions, "Nothing is late, on hold or short.",
          ("pack", "ship", "cancel")),
    Queue("on_hold", "On hold", "front_hand", _on_hold, "No order is on hold.", ("cancel",), "exceptions"),
    Queue("late", "Late", "schedule", _late, "Every promise is kept.", ("pack", "ship", "cancel"), "exceptions"),
    Queue("short", "Short of stock", "production_quantity_limits", _short, "All that is promised lies there.",
          ("hold", "cancel"), "exceptions"),
    Queue("waits", "Waits for a person", "emergency_home", _waits, "No order waits for a person.",
          ("pack", "ship", "hold", "cancel"), "exceptions"),
    Queue("payment_failed", "Payment failed", "credit_card_off", _payment_failed, "No payment has failed.",
          ("pay", "cancel"), "exceptions"),
    Queue("all", "All", "list", Order.objects.all, "There is no order yet. The first one shows up here.",
          ("pack", "ship", "cancel"), order=("-id",)),
)  # fmt: skip
BY_KEY: Mapping[str, Queue] = {queue.key: queue for queue in QUEUES}
TABS = tuple(queue for queue in QUEUES if not queue.part_of)


def orders_in(key: str) -> Rows:
    """The orders of a queue."""
    return BY_KEY[key].rows()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows each queue holds, and what else the sidebar counts."""

    of: Mapping[str, int]

    def shown(self, key: str) -> str:
        """The number as it is written: `12`, `10,000+`, and for all orders an estimate."""
        count = self.of[key]
        if count <= MOST:
            return f"{count:,}"
        return f"~{round(count, -3):,}" if key == "all" else f"{MOST:,}+"

    def badge(self, key: str) -> str:
        """Short enough for the sidebar; nothing for nothing."""
        count = self.of[key]
        return "" if not count else (str(count) if count < 1000 else "999+")


def counts(request: HttpRequest) -> Counts:
    """All counts in one statement, once a request: the sidebar, the tabs and the first page share them."""
    known: Counts | None = getattr(request, "_queue_counts", None)
    if known is None:
        known = Counts(_count({queue.key: queue.rows() for queue in QUEUES} | _beside_orders(request.user)))
        request._queue_counts = known  # type: ignore[attr-defined]
    return known


def _beside_orders(user: object) -> dict[str, QuerySet]:
    return {
        "parked": Delivery.objects.filter(state=Delivery.State.PARKED),
        "exception_cases": ExceptionCase.objects.visible_to(user).open(),
        "shortfalls": Shortfall.objects.visible_to(user).filter(closed_at=None),
    } | {name: import_string(path)() for name, path in settings.OFFICE_COUNTS.items()}


def _count(sources: Mapping[str, QuerySet]) -> dict[str, int]:
    parts: list[str] = []
    values: list[Any] = []
    for rows in sources.values():
        sql, params = rows.order_by().values("pk")[: MOST + 1].query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) counted)")  # noqa: S608  SQL that Django wrote
        values += params
    table = Order._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(parts)}, (SELECT reltuples FROM pg_class WHERE oid = %s::regclass)",  # noqa: S608
            [*values, table],
        )
        *found, estimate = cursor.fetchone()
    counted = dict(zip(sources, found, strict=True))
    if counted["all"] > MOST:
        counted["all"] = max(int(estimate), MOST + 1)
    return counted


def queue_of(request: HttpRequest) -> Queue:
    """The queue a page shows. Whoever searches, or comes with a filter from elsewhere, looks through all orders."""
    if request.GET.get("q"):
        return BY_KEY["all"]
    start = "all" if request.GET.keys() - {"queue", "p", "e"} else "to_pack"
    return BY_KEY.get(request.GET.get("queue", ""), BY_KEY[start])


def exception_kinds() -> Sequence[Queue]:
    return [queue for queue in QUEUES if queue.part_of == "exceptions"]
