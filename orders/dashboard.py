"""The first page: how the day goes, and what waits for somebody."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from audit.models import Delivery
from inventory.models import Shortfall
from orders.back_office import queues
from orders.back_office.chart import chart_of
from orders.back_office.exception_counts import tabs as exception_tabs
from orders.back_office.figures import best_sellers, curve, today
from orders.back_office.panels import first_page_cards
from orders.back_office.thumbnails import thumbnails
from orders.models import Order

SHOWN = 6
STAGES = ("to_pay", "to_pack", "to_ship", "in_transit", "returns")


def first_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the context of the Admin's index what the person may see of it."""
    user: Any = request.user
    counts = queues.counts(request)
    context |= {"title": "Home", "counts": counts, "currency": settings.SHOP_CURRENCY}
    if user.has_perm("orders.view_order"):
        context |= _work(counts)
    if user.has_perm("reporting.view_sales"):
        context |= _trade()
    if user.has_perm("inventory.view_shortfall"):
        context["shortfalls"] = _shortfalls(user)
    if user.has_perm("audit.view_exceptioncase"):
        context["exception_tabs"] = [tab for tab in exception_tabs(request)[1:] if tab.count]
    context["cards"] = first_page_cards(request)
    if user.has_perm("audit.view_delivery"):
        context["parked"] = _parked()
    return context


def _work(counts: queues.Counts) -> dict[str, Any]:
    stages = [queues.BY_KEY[key] for key in STAGES]
    total = sum(counts.of[stage.key] for stage in stages)
    late = queues.orders_in("late").order_by("ship_by", "id").prefetch_related("addresses")
    return {
        "stages": [(stage, counts.of[stage.key]) for stage in stages],
        "open_orders": total,
        "exceptions": [(kind, counts.of[kind.key]) for kind in queues.exception_kinds()],
        "late": list(late[:SHOWN]),
        "is_new": not counts.of["all"] and not Order.objects.exists(),
    }


def _trade() -> dict[str, Any]:
    now = timezone.now()
    days = curve(now)
    best = best_sellers(now)
    pictures = thumbnails(product.product_id for product in best)
    return {
        "figures": today(now),
        "days": days,
        "chart": chart_of(days),
        "best": [(product, pictures.get(product.product_id, "")) for product in best],
    }


def _shortfalls(user: object) -> list[Shortfall]:
    open_ones = (
        Shortfall.objects.visible_to(user).filter(closed_at=None).select_related("level__item", "level__warehouse")
    )
    return list(open_ones.order_by("opened_at")[:SHOWN])


def _parked() -> list[Delivery]:
    parked = Delivery.objects.filter(state=Delivery.State.PARKED).select_related("entry")
    return list(parked.order_by("pk")[:SHOWN])
