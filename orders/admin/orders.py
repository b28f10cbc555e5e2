"""Orders: queues with their counts, and the page of one."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.views import ChangeList

from audit.admin import ReadOnlyAdmin
from audit.paging import EstimatedPaginator
from kernel.ids import row_id
from orders.back_office import queues
from orders.back_office.ask import ask, page_url
from orders.back_office.bulk import AT_ONCE, bulk
from orders.back_office.display import ago, money, payment_pill, pill, promise, words
from orders.back_office.page import page_of
from orders.back_office.search import meant, search
from orders.back_office.verbs import Verb, verbs
from orders.models import Order, OrderAddress, OrderLine
from orders.states import FulfillmentStatus, Status, Units

# In the order of the fields of `Units`.
COUNTED = ("quantity", "cancelled", "packed", "shipped", "delivered", "returned")
SHIPPED = frozenset({Status.SHIPPED, Status.DELIVERED, Status.RETURNED, Status.CANCELLED})


class QueueList(ChangeList):
    """One queue: its own order, its count from the tabs, and the counters of all its lines in one statement."""

    result_list: Any

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.queue = queues.queue_of(request)
        super().__init__(request, *args, **kwargs)

    def get_filters_params(self, params: Any = None) -> Any:
        found = super().get_filters_params(params)
        found.pop("queue", None)
        return found

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Order]) -> list[Any]:
        return list(self.queue.order)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        # The tabs say how many there are.
        self.full_result_count = self.result_count
        orders = list(self.result_list)
        sums = OrderLine.objects.filter(order__in=orders).order_by().values_list("order")
        by_order = {pk: counts for pk, *counts in sums.annotate(*(Sum(name) for name in COUNTED))}
        for order in orders:
            order.units = Units(*by_order[order.pk])
        self.result_list = orders


class KnownCount(Paginator):
    """Pages of a queue, or of what was searched, whose count is known already."""

    known = 0

    @property
    def count(self) -> int:
        return self.known


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """Facts are read; what may be done is a button."""

    list_display = ("order", "customer", "stage", "payment", "sum", "promised", "on_hold", "age")
    list_display_links = None
    list_filter = (
        ("payment_status", ChoicesDropdownFilter),
        ("fulfillment_status", ChoicesDropdownFilter),
        ("created_at", RangeDateFilter),
    )
    list_filter_submit = True
    list_select_related = ("user", "partner")
    list_before_template = "admin/orders/order/queues.html"
    list_disable_select_all = True
    list_max_show_all = 0
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    search_fields = ("number",)  # the box itself; what it finds is `orders.back_office.search`
    search_help_text = "Number, e-mail, name, SKU, tracking, payment"
    actions_selection_counter = True

    # The list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return QueueList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        found: QuerySet[Order] = Order.objects.all()
        if request.resolver_match and request.resolver_match.url_name == "orders_order_changelist":
            found = queues.orders_in(queues.queue_of(request).key)
        return found.select_related("user", "partner").prefetch_related("addresses", "holds")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        if not search_term.strip():
            return queryset, False
        found = search(search_term)
        request.orders_found = len(found)  # type: ignore[attr-defined]
        return queryset.filter(pk__in=found), False

    def get_paginator(self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any) -> Paginator:
        if request.GET.keys() - {"queue", "q", "p", "e"}:
            return EstimatedPaginator(queryset, per_page)
        pages = KnownCount(queryset, per_page)
        in_queue = queues.counts(request).of[queues.queue_of(request).key]
        pages.known = getattr(request, "orders_found", in_queue)
        return pages

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "POST":
            return self._start_bulk(request)
        queue = queues.queue_of(request)
        shown = {
            "title": "Orders",
            "queue": queue,
            "tabs": queues.TABS,
            "kinds": queues.exception_kinds() if "exceptions" in {queue.key, queue.part_of} else (),
            "counts": queues.counts(request),
            "bulk_verbs": self.bulk_verbs(request),
        }
        response = super().changelist_view(request, shown | (extra_context or {}))
        return self._open_what_is_meant(request, response) or response

    def _open_what_is_meant(self, request: HttpRequest, response: HttpResponse) -> HttpResponse | None:
        """A number scanned or typed in full leads straight to its order."""
        if not request.GET.get("q", "").strip() or not isinstance(response, TemplateResponse):
            return None
        orders = (response.context_data or {})["cl"].result_list
        order = meant(request.GET["q"], orders)
        return redirect(page_url(order)) if order else None

    def bulk_verbs(self, request: HttpRequest) -> list[Verb]:
        """What this person may do with many orders of the queue at once."""
        names = queues.queue_of(request).bulk
        found = [verbs()[name] for name in names if name in verbs()]
        return [verb for verb in found if verb.many is not None and request.user.has_perm(verb.permission)]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Only so that rows can be ticked: the buttons below lead to `bulk`."""
        return {verb.action: (None, verb.action, verb.title) for verb in self.bulk_verbs(request)}

    def _start_bulk(self, request: HttpRequest) -> HttpResponse:
        ids = request.POST.getlist("_selected_action")[:AT_ONCE]
        action = request.POST.get("action", "")
        if action not in verbs() or not ids:
            return redirect(request.get_full_path())
        chosen = urlencode({"id": ids, "queue": request.GET.get("queue", "")}, doseq=True)
        return redirect(f"{reverse('admin:orders_order_bulk', args=(action,))}?{chosen}")

    @admin.display(description="Order")
    def order(self, order: Order) -> SafeString:
        reference = format_html('<span class="wb-subtle">{}</span>', order.reference) if order.reference else ""
        mark = pill("test") if order.test else ""
        return format_html('<a class="wb-number" href="{}">{}</a>{}{}', page_url(order), order.number, mark, reference)

    @admin.display(description="Customer")
    def customer(self, order: Order) -> SafeString:
        name, mail = customer_of(order)
        return format_html('<span class="wb-strong">{}</span><span class="wb-subtle">{}</span>', name, mail)

    @admin.display(description="Stage")
    def stage(self, order: Order) -> SafeString:
        return format_html("{}{}", pill(order.status), partly(order))

    @admin.display(description="Payment")
    def payment(self, order: Order) -> SafeString:
        return payment_pill(order.payment_status)

    @admin.display(description="Total")
    def sum(self, order: Order) -> SafeString:
        return format_html('<span class="wb-amount">{}</span>', money(order.total, order.currency))

    @admin.display(description="Ship by")
    def promised(self, order: Order) -> SafeString:
        return promise(order.ship_by, kept=order.status in SHIPPED)

    @admin.display(description="Holds")
    def on_hold(self, order: Order) -> SafeString:
        kinds = [hold.kind for hold in order.holds.all() if hold.released_at is None]
        return format_html_join("", "{}", ((pill(kind, tone="bad"),) for kind in kinds))

    @admin.display(description="Age")
    def age(self, order: Order) -> SafeString:
        return ago(order.created_at)

    # The page of one order

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("bulk/<str:action>/", self.admin_site.admin_view(bulk), name="orders_order_bulk"),
            path("<str:object_id>/do/<str:action>/", self.admin_site.admin_view(ask), name="orders_order_ask"),
        ]
        return own + super().get_urls()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if object_id is None or row_id(object_id) is None:
            raise Http404
        order = get_object_or_404(Order.objects.select_related("user", "partner"), pk=object_id)
        if not self.has_view_permission(request, order):
            raise Http404
        frame = {"title": order.number, "opts": self.opts, "original": order, "has_view_permission": True}
        context = self.admin_site.each_context(request) | frame | page_of(request, order)
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/orders/order/page.html", context | (extra_context or {}))


def customer_of(order: Order) -> tuple[str, str]:
    """Name and e-mail: whom it goes to, or who bought it."""
    kind = OrderAddress.Kind.SHIPPING
    address = next((found for found in order.addresses.all() if found.kind == kind), None)
    name = f"{address.first_name} {address.last_name}".strip() if address else ""
    mail = order.email or (order.user.email if order.user else "")
    seller = f"via {order.partner.name}" if order.partner else ""
    return name or mail or "Guest", " ".join(part for part in (mail if name else "", seller) if part)


def partly(order: Order) -> SafeString:
    """`1 of 3 shipped`, while the furthest stage has not taken all."""
    if not order.fulfillment_status.startswith("partially_"):
        return SafeString("")
    stage = FulfillmentStatus(order.fulfillment_status).value.removeprefix("partially_")
    units: Units = order.units  # type: ignore[attr-defined]
    said = f"{getattr(units, stage)} of {units.live} {words(stage).lower()}"
    return format_html('<span class="wb-subtle">{}</span>', said)
