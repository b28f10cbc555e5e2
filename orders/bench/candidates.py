"""Which units may be packed now, and lie in a warehouse: for pick lists, and for whoever takes the next order."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone

from inventory.models import Reservation, Warehouse
from orders.models import Hold, Order, OrderLine, PickTask, ShipmentLine, ShortPick
from orders.states import ShipmentStatus, Status

# Whoever did not find something looks at other orders first; after this time it may well be there.
SHORT_RESTS = timedelta(hours=4)


def packable_orders() -> Q:
    """A line's order: paid for, no test, and nothing holds it back. As the guard of `pack` says of one order."""
    secured = (
        Greatest("order__captured_total", "order__authorized_total")
        if settings.SHOP_CAPTURE_AT_SHIPMENT
        else F("order__captured_total")
    )
    on_hold = Hold.objects.filter(order=OuterRef("order"), released_at=None)
    # These orders were settled once, so that what was given back since is no money of theirs.
    settled = Q(order__total__lte=F("order__cancelled_total") + secured - F("order__given_back_total"))
    return Q(settled, ~Exists(on_hold), order__status=Status.PAID, order__test=False)


def waiting_lines(warehouse: Warehouse) -> QuerySet[OrderLine]:
    """Lines with units in this warehouse that may be packed now, each with `here`, how many; oldest promise first.

    Orders of which something was not found a short while ago come last.
    """
    mine = {"order_line_id": OuterRef("pk"), "order_id": OuterRef("order_id"), "warehouse": warehouse}
    reserved = Reservation.objects.filter(**mine, state=Reservation.State.COMMITTED).order_by()
    boxed = ShipmentLine.objects.filter(
        line=OuterRef("pk"), shipment__warehouse=warehouse, shipment__status=ShipmentStatus.PACKED
    ).order_by()
    short = ShortPick.objects.filter(
        order=OuterRef("order"), warehouse=warehouse, created_at__gt=timezone.now() - SHORT_RESTS
    )
    unpacked = F("quantity") - F("cancelled") - F("packed")
    return (
        OrderLine.objects.filter(packable_orders())
        .annotate(
            here=Least(_sum(reserved, "order_line_id") - _sum(boxed, "line_id"), unpacked), was_short=Exists(short)
        )
        .filter(here__gt=0)
        .order_by("was_short", F("order__ship_by").asc(nulls_last=True), "order_id", "id")
    )


def unlisted_lines(warehouse: Warehouse) -> QuerySet[OrderLine]:
    """Those that nobody is sent for yet."""
    listed = PickTask.objects.filter(line=OuterRef("pk"), warehouse=warehouse, closed_at=None)
    return waiting_lines(warehouse).filter(~Exists(listed))


def waiting_orders(warehouse: Warehouse) -> int:
    """How many orders a new pick list could take."""
    return Order.objects.filter(pk__in=unlisted_lines(warehouse).order_by().values("order_id")).count()


def _sum(rows: QuerySet, by: str) -> Coalesce:
    total = rows.values(by).annotate(units=Sum("quantity")).values("units")
    return Coalesce(Subquery(total, output_field=IntegerField()), 0)
