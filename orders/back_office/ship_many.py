"""A stack of packages handed to the carrier: scan each with its tracking number, or paste the carrier's list."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from orders.back_office.bench import check_may, chosen_house
from orders.back_office.many import TrackingForm
from orders.bench.shipping import ship_packages
from orders.models import Shipment
from orders.states import ShipmentStatus

SHOWN = 50


def _form(data: Any = None, *, carrier: str = "") -> TrackingForm:
    form = TrackingForm(data)
    form.fields["carrier"].initial, form.fields["tracking"].required = carrier, True
    form.fields["tracking"].help_text = "One a line: the number of the package, a tab or spaces, the tracking number."
    form.fields["tracking"].widget.attrs["placeholder"] = "W1000001-1\t00340434161094042557"
    return form


def page(request: HttpRequest) -> HttpResponse:
    """GET asks for the lines, POST ships them and shows a result for each; what was refused stays in the form."""
    check_may(request, "orders.ship")
    user: Any = request.user
    form = _form(request.POST if request.method == "POST" else None)
    results = None
    if request.method == "POST" and form.is_valid():
        given = form.answers()
        carrier, rows = given.given["carrier"], list(given.tracking.items())
        results = ship_packages(carrier=carrier, tracking=rows, by=user.as_actor())
        left = "\n".join(f"{row.number}\t{row.tracking_number}" for row in results if row.code)
        form = _form({"carrier": carrier, "tracking": left} if left else None, carrier=carrier)
    place, houses = chosen_house(request)
    ready = Shipment.objects.filter(status=ShipmentStatus.PACKED, warehouse=place).select_related("order")
    context = admin.site.each_context(request) | {
        "title": "Ship packages",
        "form": form,
        "results": results,
        "shipped": sum(not row.code for row in results or ()),
        "house": place,
        "houses": houses,
        "ready": list(ready.order_by("pk")[:SHOWN]),
    }
    return TemplateResponse(request, "admin/orders/bench/ship.html", context)
