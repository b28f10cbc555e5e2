"""The bench in the back office: the page for packing, and what its script asks for. Every answer to it is JSON."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import Serializer

from api.paper import as_answer, pdf
from inventory.models import Reservation, StockLevel, Warehouse
from kernel.errors import Invalid, NotFound, Refused
from orders.bench import papers
from orders.bench.packing import next_order, order_of, packed, show_order
from orders.bench.picks import short_at_bench
from orders.models import Shipment, ShortPick
from orders.serializers.bench import BenchNext, BenchOpen, BenchPack, BenchShort
from orders.services import pack_shipment
from orders.states import ShipmentStatus
from orders.views.pick_lists import named_package

PICK, PACK = "orders.pick", "orders.pack"
CHOSEN = "bench_warehouse"
PAPERS = {"slip": papers.packing_slip, "label": papers.label, "papers": papers.slip_and_label}

Answer = Callable[..., dict[str, Any]]


def check_may(request: HttpRequest, permission: str) -> None:
    """Raises `PermissionDenied`."""
    user: Any = request.user
    if not user.has_perm(permission):
        raise PermissionDenied


def command(
    permission: str, shape: type[Serializer[Any]] | None = None
) -> Callable[[Answer], Callable[..., HttpResponse]]:
    """A view that a script posts JSON to: who may, what it has to send, and how a refusal reads."""

    def decorate(answer: Answer) -> Callable[..., HttpResponse]:
        @require_POST
        @wraps(answer)
        def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            check_may(request, permission)
            try:
                return JsonResponse(answer(request, _read(request, shape), *args, **kwargs))
            except Refused as refusal:
                return JsonResponse({"code": refusal.code, "detail": refusal.text}, status=refusal.status)

        return view

    return decorate


def _read(request: HttpRequest, shape: type[Serializer[Any]] | None) -> dict[str, Any]:
    """Raises `Invalid`, which names the first field that is wrong."""
    if shape is None:
        return {}
    try:
        given = shape(data=json.loads(request.body or b"{}"))
        given.is_valid(raise_exception=True)
    except ValueError as error:
        raise Invalid("The body is not JSON.") from error
    except ValidationError as error:
        details: Any = error.get_full_details()
        name, problems = next(iter(details.items()))
        raise Invalid(f"{name}: {_first(problems)}", field=str(name)) from error
    found: dict[str, Any] = given.validated_data
    return found


def _first(problems: Any) -> str:
    while not (isinstance(problems, dict) and "message" in problems):
        problems = next(iter(problems.values() if isinstance(problems, dict) else problems))
    return str(problems["message"])


def house(request: HttpRequest, code: str) -> Warehouse:
    """A warehouse of the person's. Raises `NotFound`."""
    found = Warehouse.objects.visible_to(request.user).filter(code=code).first()
    if found is None:
        raise NotFound("There is no such warehouse.", field="warehouse")
    return found


def houses_at_work(user: object) -> list[Warehouse]:
    """Warehouses of the person's: those that sell, then those that have only left to ship what they promised."""
    promised = Reservation.objects.open().filter(warehouse=OuterRef("pk"))
    packed = Shipment.objects.filter(warehouse=OuterRef("pk"), status=ShipmentStatus.PACKED)
    mine = Warehouse.objects.visible_to(user).filter(Q(active=True) | Exists(promised) | Exists(packed))
    return list(mine.order_by("-active", "priority", "code"))


def chosen_house(request: HttpRequest) -> tuple[Warehouse | None, list[Warehouse]]:
    """Where the person works: as the address says, or as they chose last, or the first; and all they could choose."""
    houses = houses_at_work(request.user)
    asked = request.GET.get("warehouse") or request.session.get(CHOSEN, "")
    found = next((each for each in houses if each.code == asked), houses[0] if houses else None)
    if found is not None and request.session.get(CHOSEN) != found.code:
        request.session[CHOSEN] = found.code
    return found, houses


@require_GET
def bench(request: HttpRequest) -> HttpResponse:
    """The page. `?order=` opens one at once."""
    check_may(request, PACK)
    place, houses = chosen_house(request)
    urls = {name: reverse(f"admin:orders_bench_{name}") for name in ("open", "next", "pack", "short", "ship")} | {
        "papers": reverse("admin:orders_bench_papers", args=("NUMBER", "KIND"))
    }
    context = admin.site.each_context(request) | {
        "title": "Bench",
        "house": place,
        "houses": houses,
        "urls": urls,
        "reasons": ShortPick.Reason.choices,
        "opened": request.GET.get("order", ""),
    }
    return TemplateResponse(request, "admin/orders/bench/page.html", context)


@command(PACK, BenchOpen)
def open_one(request: HttpRequest, given: dict[str, Any]) -> dict[str, Any]:
    return show_order(order_of(given["code"]), house(request, given["warehouse"]))


@command(PACK, BenchNext)
def open_next(request: HttpRequest, given: dict[str, Any]) -> dict[str, Any]:
    place = house(request, given["warehouse"])
    return show_order(next_order(place, besides=given["besides"], by=_actor(request)), place)


@command(PACK, BenchPack)
def pack(request: HttpRequest, given: dict[str, Any]) -> dict[str, Any]:
    place = house(request, given["warehouse"])
    units = {part["line"]: part["quantity"] for part in given["lines"]}
    shipment = pack_shipment(
        order_id=order_of(given["order"]),
        lines=units,
        warehouse=place.code,
        weight_grams=given.get("weight_grams"),
        by=_actor(request),
    )
    return packed(shipment)


@command(PACK, BenchShort)
def short(request: HttpRequest, given: dict[str, Any]) -> dict[str, Any]:
    place = house(request, given["warehouse"])
    found = short_at_bench(
        line_id=given["line"], warehouse=place.code, quantity=given["quantity"], reason=given["reason"],
        by=_actor(request),
    )  # fmt: skip
    return {"count": count_url(found.line.sku, place)}


def count_url(sku: str, place: Warehouse) -> str:
    """Where somebody counts the shelf."""
    level = StockLevel.objects.filter(item__sku=sku, warehouse=place).values_list("pk", flat=True).first()
    return reverse("admin:inventory_stocklevel_adjust_this", args=(level,)) if level else ""


@require_GET
@xframe_options_sameorigin
def print_papers(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """A package's slip or label, or both; the page prints them out of a frame."""
    check_may(request, PACK)
    if kind not in PAPERS:
        raise Http404
    try:
        answer = as_answer(pdf(PAPERS[kind](named_package(request.user, number))), f"{number}-{kind}.pdf")
    except NotFound as refusal:
        raise Http404 from refusal
    except Refused as refusal:
        return HttpResponse(refusal.text, status=refusal.status, content_type="text/plain")
    answer["Content-Security-Policy"] = "frame-ancestors 'self'"
    return answer


def _actor(request: HttpRequest) -> Any:
    user: Any = request.user
    return user.as_actor()
