"""What is printed at the bench, as HTML for `api.paper`: pick lists, packing slips and labels."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from api.paper import code128
from orders.back_office.display import country, options, shop_time
from orders.models import OrderAddress, PickList, Shipment, ShipmentLine
from orders.states import ShipmentStatus


def walk(pick_list: PickList) -> str:
    """Bins, codes, names and units in the order of the walk, with a box to tick for each."""
    tasks = list(pick_list.tasks.select_related("line", "order"))
    rows = [
        {"bin": task.bin, "sku": task.sku, "name": task.line.name, "options": options(task.line.options),
         "quantity": task.quantity, "order": task.order.number, "gone": task.closed_at is not None or not task.left}
        for task in tasks
    ]  # fmt: skip
    context = {
        "list": pick_list,
        "rows": rows,
        "orders": len({task.order_id for task in tasks}),
        "units": sum(task.quantity for task in tasks),
        "has_bins": any(task.bin for task in tasks),
        "code": code128(pick_list.number, height=9),
        "made": shop_time(pick_list.created_at),
    }
    return render_to_string("pdf/pick_list.html", context)


def packing_slip(shipment: Shipment) -> str:
    """For the customer: what is in this parcel, and what comes in others."""
    return render_to_string("pdf/packing_slip.html", _parcel(shipment))


def label(shipment: Shipment) -> str:
    """A6, to stick on the parcel."""
    return render_to_string("pdf/label.html", _parcel(shipment))


def slip_and_label(shipment: Shipment) -> str:
    """Slip and label in one document, for printing them in one go."""
    return render_to_string("pdf/papers.html", _parcel(shipment))


def _parcel(shipment: Shipment) -> dict[str, Any]:
    order = shipment.order
    address = order.addresses.filter(kind=OrderAddress.Kind.SHIPPING).first()
    parcels = list(order.shipments.exclude(status=ShipmentStatus.CANCELLED).order_by("pk"))
    inside = list(shipment.lines.select_related("line"))
    here = {part.line_id: part.quantity for part in inside}
    place = [found.pk for found in parcels].index(shipment.pk) + 1 if shipment in parcels else 0
    open_units = sum(line.units.unpacked for line in order.lines.all())
    return {
        "shop": settings.SHOP_NAME,
        "origin": _origin(),
        "order": order,
        "package": shipment,
        "to": _lines_of(address),
        "lines": [_inside(part) for part in inside],
        "others": _elsewhere(order, here),
        "place": place,
        # While units are open, nobody knows how many parcels there will be.
        "of": len(parcels) if not open_units else 0,
        "number_code": code128(shipment.number, height=12),
        "tracking_code": code128(shipment.tracking_number, height=20),
        "weight": f"{shipment.weight_grams / 1000:.2f} kg" if shipment.weight_grams else "",
        "printed": shop_time(timezone.now()),
        "packed": shop_time(shipment.packed_at),
        "placed": shop_time(order.created_at),
    }


def _inside(part: ShipmentLine) -> dict[str, Any]:
    line = part.line
    return {"sku": line.sku, "name": line.name, "options": options(line.options), "quantity": part.quantity,
            "ordered": line.units.live}  # fmt: skip


def _elsewhere(order: Any, here: Mapping[int, int]) -> list[dict[str, Any]]:
    """Units of the order that are not in this parcel, and were not cancelled."""
    found = []
    for line in order.lines.all():
        if (units := line.units.live - here.get(line.pk, 0)) > 0:
            found.append({"sku": line.sku, "name": line.name, "quantity": units})
    return found


def _origin() -> list[str]:
    given = settings.SHOP_ORIGIN
    city = f"{given['postal_code']} {given['city']}".strip()
    parts = [given["company"], given["line1"], given["line2"], city, given["region"], country(given["country"])]
    return [part for part in parts if part]


def _lines_of(address: OrderAddress | None) -> list[str]:
    if address is None:
        return []
    name = f"{address.first_name} {address.last_name}".strip()
    city = f"{address.postal_code} {address.city}".strip()
    parts = [address.company, name, address.line1, address.line2, city, address.region, country(address.country)]
    return [part for part in parts if part]
