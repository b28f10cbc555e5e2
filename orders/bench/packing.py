"""What somebody at the bench sees of an order, which comes next, and packing it."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from django.core.cache import cache
from django.db.models import Exists, OuterRef
from django.utils import timezone
from redis import RedisError

from api.actors import Actor
from inventory.models import Warehouse
from kernel.errors import NotFound
from orders.actions import guard
from orders.back_office.display import options, relative
from orders.back_office.search import meant, search
from orders.back_office.thumbnails import thumbnails
from orders.bench.bins import bins_of
from orders.bench.candidates import waiting_lines
from orders.bench.errors import NothingToPick
from orders.models import Order, OrderAddress, OrderLine, PickList, PickTask, Shipment
from orders.reading import read_order
from orders.services import unpacked_by_warehouse
from orders.states import ShipmentStatus

# Who takes the next order keeps it to themselves for so long, or until it is packed.
KEPT_SECONDS = 300
LOOKED_AT = 25
logger = structlog.get_logger(__name__)


def order_of(code: str) -> int:
    """The order that somebody has scanned or typed: by its number, a package, a reference. Raises `NotFound`."""
    said = code.strip()
    ids = search(said)[:2] if said else []
    found = meant(said, list(Order.objects.live().filter(pk__in=ids)))
    if found is None:
        raise NotFound(f"No order is called {said[:64]}." if said else "Scan or type the number of an order.")
    return found.pk


def next_order(warehouse: Warehouse, *, besides: Sequence[str] = (), by: Actor) -> int:
    """The order to be packed next: those already fetched first, then by promise. Raises `NothingToPick`.

    Orders that somebody is fetching, or has just taken to another bench, are left to them.
    """
    tasks = PickTask.objects.filter(order=OuterRef("order"), warehouse=warehouse, closed_at=None)
    being_fetched = tasks.filter(pick_list__state__in=PickList.ACTIVE)
    lines = waiting_lines(warehouse).filter(~Exists(being_fetched)).exclude(order__number__in=besides)
    lines = lines.annotate(fetched=Exists(tasks.filter(picked__gt=0)))
    ordering = ("-fetched", *lines.query.order_by)
    for order_id in dict.fromkeys(lines.order_by(*ordering).values_list("order_id", flat=True)[:LOOKED_AT]):
        if _keep(order_id, by):
            return order_id
    raise NothingToPick("No further order waits to be packed here.")


def _keep(order_id: int, by: Actor) -> bool:
    """Whether nobody else has just taken it. Only a courtesy: packing itself refuses the second."""
    key = f"bench:{order_id}"
    try:
        return bool(cache.add(key, str(by), KEPT_SECONDS)) or cache.get(key) == str(by)
    except RedisError as error:
        logger.info("bench_order_not_kept", error=str(error))
        return True


def show_order(order_id: int, warehouse: Warehouse) -> dict[str, Any]:
    """The order as the bench shows it. Raises what `pack` would refuse, and `NothingToPick` where nothing lies here."""
    order = read_order(order_id)
    guard("pack", order)
    held = unpacked_by_warehouse(order)
    room = held.get(warehouse.pk, {})
    here = {line: min(room.get(line.pk, 0), line.units.unpacked) for line in order.lines.all()}
    lines = {line: units for line, units in here.items() if units > 0}
    if not lines:
        raise NothingToPick(f"Nothing of {order.number} is left to be packed in {warehouse.code}.")
    address = order.addresses.filter(kind=OrderAddress.Kind.SHIPPING).first()
    return {
        "number": order.number,
        "customer": f"{address.first_name} {address.last_name}".strip() if address else order.email,
        "place": f"{address.postal_code} {address.city}" if address else "",
        "promise": relative(order.ship_by) if order.ship_by else "",
        "late": bool(order.ship_by and order.ship_by < timezone.now()),
        "lines": _lines(lines, warehouse),
        "elsewhere": sum(line.units.unpacked for line in order.lines.all()) - sum(lines.values()),
        "packages": [package.number for package in order.shipments.all() if package.status != ShipmentStatus.CANCELLED],
    }


def _lines(lines: Mapping[OrderLine, int], warehouse: Warehouse) -> list[dict[str, Any]]:
    pictures = thumbnails(line.product_id for line in lines)
    bins = bins_of((line.sku, warehouse.pk) for line in lines)
    tasks = PickTask.objects.filter(line__in=lines, warehouse=warehouse, closed_at=None)
    picked = {task.line_id: max(task.picked - task.packed, 0) for task in tasks}
    products = {
        line.pk: line.product
        for line in OrderLine.objects.filter(pk__in=[line.pk for line in lines]).select_related("product")
    }
    return [
        {
            "id": line.pk,
            "sku": line.sku,
            "name": line.name,
            "options": options(line.options),
            "picture": pictures.get(line.product_id, ""),
            "bin": bins[line.sku, warehouse.pk],
            "codes": [code for code in (line.sku.upper(), products[line.pk].barcode) if code],
            "units": units,
            "picked": min(picked.get(line.pk, 0), units),
            "grams": products[line.pk].weight_grams,
        }
        for line, units in lines.items()
    ]


def packed(shipment: Shipment) -> dict[str, Any]:
    """What was packed, and whether more of its order lies in the same warehouse."""
    order = read_order(shipment.order_id)
    left = unpacked_by_warehouse(order).get(shipment.warehouse_id, {})
    return {"package": shipment.number, "order": order.number, "left": sum(left.values())}
