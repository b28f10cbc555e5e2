"""The bench, pick lists, what was not found, and what carriers have told."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.views import ChangeList

from audit.admin.rows import name_actors
from inventory.back_office.own import OwnRowsAdmin, OwnWarehouseFilter
from inventory.callers import own_warehouses
from kernel.errors import Refused
from orders.admin.ledgers import PartAdmin, PartList, WithoutHistory
from orders.back_office import bench, pick_lists, ship_many
from orders.back_office.ask import page_url
from orders.back_office.display import ago, pill
from orders.bench.representation import summarised
from orders.models import CarrierScan, PickList, ShortPick
from orders.scans import inbox
from orders.scans.reading import parked_scans

REPLAY = {
    "title": "Try again",
    "description": "It is taken in within seconds, with all its attempts. A package is still delivered once.",
    "form_submit_text": "Try again",
}
LIST_TONES = {"open": "wait", "picking": "go", "done": "good"}
SCAN_TONES = {"exception": "bad", "returned_to_sender": "bad", "delivered": "good"}


class WalkList(PartList):
    """Counts the units of the lists on the page, not of all that there are."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        shown = [row.pk for row in self.result_list]
        counted = {row.pk: row for row in summarised(PickList.objects.filter(pk__in=shown))}
        self.result_list = [counted[pk] for pk in shown]


class MissedList(PartList):
    """Names in one statement whoever missed what is on the page."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        name_actors(self.result_list)


@admin.register(PickList)
class PickListAdmin(OwnRowsAdmin, PartAdmin):
    """Lists of the person's warehouses, and the bench itself."""

    list_display = ("called", "place", "shown_state", "progress", "of_orders", "who", "made")
    list_display_links = None
    list_filter = ("state", ("warehouse", OwnWarehouseFilter))
    list_select_related = ()
    list_before_template = "admin/orders/bench/make.html"
    search_fields = ("number", "tasks__order__number")
    search_help_text = "Pick list or order"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(bench.PICK)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return WalkList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, pick_lists.making(request) | (extra_context or {}))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if object_id is None:
            raise Http404
        return pick_lists.page(request, object_id)

    def get_urls(self) -> list[URLPattern]:
        one = "<str:object_id>"
        views = (
            ("bench/", bench.bench, "orders_bench"),
            ("bench/open/", bench.open_one, "orders_bench_open"),
            ("bench/next/", bench.open_next, "orders_bench_next"),
            ("bench/pack/", bench.pack, "orders_bench_pack"),
            ("bench/short/", bench.short, "orders_bench_short"),
            ("bench/ship/", ship_many.page, "orders_bench_ship"),
            ("bench/<str:number>/<str:kind>.pdf", bench.print_papers, "orders_bench_papers"),
            ("make/", pick_lists.make, "orders_picklist_make"),
            (f"{one}/pick/", pick_lists.pick, "orders_picklist_pick"),
            (f"{one}/short/", pick_lists.short, "orders_picklist_short"),
            (f"{one}/list.pdf", pick_lists.print_list, "orders_picklist_print"),
            (f"{one}/end/<str:how>/", pick_lists.end, "orders_picklist_end"),
        )
        own = [path(route, self.admin_site.admin_view(view), name=name) for route, view, name in views]
        return own + super().get_urls()

    @admin.display(description="List")
    def called(self, row: PickList) -> SafeString:
        return format_html('<a class="wb-number" href="{}/change/">{}</a>', row.pk, row.number)

    @admin.display(description="Warehouse")
    def place(self, row: PickList) -> str:
        return row.warehouse.code

    @admin.display(description="State")
    def shown_state(self, row: PickList) -> SafeString:
        return pill(row.state, tone=LIST_TONES.get(row.state, ""))

    @admin.display(description="Picked")
    def progress(self, row: Any) -> SafeString:
        short = format_html('<span class="wb-late">{} short</span>', row.short) if row.short else ""
        done = 100 * (row.picked + row.short) / row.units if row.units else 0
        bar = '<span class="wb-budget" aria-hidden="true"><span style="width: {}%"></span></span>'
        return format_html("{} of {} {}" + bar, row.picked, row.units, short, f"{done:.0f}")

    @admin.display(description="Orders")
    def of_orders(self, row: Any) -> str:
        return str(row.orders)

    @admin.display(description="Picked by")
    def who(self, row: PickList) -> str:
        person = row.assigned_to
        return (person.get_full_name() or person.email) if person else "–"

    @admin.display(description="Made")
    def made(self, row: PickList) -> SafeString:
        return ago(row.created_at)


@admin.register(ShortPick)
class ShortPickAdmin(WithoutHistory):
    """What somebody did not find: the shelf wants counting."""

    list_display = ("of_order", "code", "quantity", "why", "warehouse", "who", "at", "count")
    list_display_links = ("code",)
    list_filter = ("reason", ("warehouse", OwnWarehouseFilter))
    list_select_related = ("order", "line", "warehouse")
    search_fields = ("order__number", "line__sku")
    search_help_text = "Order or SKU"
    how_to_fill = "Nothing was missing. Whoever does not find a unit says so by Short, on a pick list or at the bench."

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return MissedList

    @admin.display(description="By")
    def who(self, row: Any) -> str:
        return str(row.who)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShortPick]:
        own = own_warehouses(request.user)
        rows: QuerySet[ShortPick] = super().get_queryset(request)
        return rows if own is None else rows.filter(warehouse__code__in=sorted(own))

    @admin.display(description="SKU")
    def code(self, row: ShortPick) -> str:
        return row.line.sku

    @admin.display(description="Why")
    def why(self, row: ShortPick) -> SafeString:
        return pill(row.reason, tone="bad")

    @admin.display(description="")
    def count(self, row: ShortPick) -> SafeString:
        address = f"/stocklevel/?q={row.line.sku}"
        return format_html('<a class="wb-button wb-small" href="../../inventory{}">Count the shelf</a>', address)


class ScanFilter(admin.SimpleListFilter):
    """What waits for a person first."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [*CarrierScan.State.choices, ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [first | {"display": "Not processed"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(state__in=[self.value()] if self.value() else ["parked", "received"])


@admin.register(CarrierScan)
class CarrierScanAdmin(WithoutHistory):
    """What carriers have told. What no package is known for waits here to be tried again."""

    list_display = ("tracking_number", "carrier", "told", "place", "scanned", "of_package", "shown_state", "last_error")
    list_select_related = ("shipment__order",)
    list_filter = (ScanFilter, "status")
    search_fields = ("tracking_number", "shipment__number", "event_id")
    search_help_text = "Tracking number, package or the carrier's id"
    how_to_fill = "No scan waits. Those that were taken in are under Filters, and on the packages of their orders."
    list_disable_select_all = False
    actions = ("replay_selected",)  # type: ignore[assignment]
    actions_row = actions_detail = ("replay_one",)

    def has_replay_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        if not request.user.has_perm("orders.deliver"):
            return False
        return object_id is None or parked_scans().filter(pk=object_id).exists()

    @action(description="Try again", permissions=("replay",), variant=ActionVariant.PRIMARY, dialog=REPLAY)
    def replay_one(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        try:
            inbox.replay(scan_id=int(object_id), by=self.actor(request))
        except Refused as refusal:
            messages.error(request, refusal.text)
        else:
            messages.success(request, "Put back to work.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:orders_carrierscan_change", args=(object_id,))})

    @admin.action(description="Try those that are parked again", permissions=["replay"])
    def replay_selected(self, request: HttpRequest, queryset: QuerySet[CarrierScan]) -> None:
        done = 0
        for scan in queryset:
            try:
                with transaction.atomic():
                    inbox.replay(scan_id=scan.pk, by=self.actor(request))
                done += 1
            except Refused as refusal:
                messages.warning(request, f"{scan}: {refusal.text}")
        if done:
            messages.success(request, f"{done} put back to work.")

    @admin.display(description="Says")
    def told(self, scan: CarrierScan) -> SafeString:
        return pill(scan.status, tone=SCAN_TONES.get(scan.status, "move"))

    @admin.display(description="Scanned")
    def scanned(self, scan: CarrierScan) -> SafeString:
        return ago(scan.at)

    @admin.display(description="State")
    def shown_state(self, scan: CarrierScan) -> SafeString:
        return pill(scan.state, tone={"received": "wait", "processed": "good"}.get(scan.state, "bad"))

    @admin.display(description="Package")
    def of_package(self, scan: CarrierScan) -> SafeString:
        if scan.shipment is None:
            return SafeString("–")
        return format_html('<a class="wb-link" href="{}">{}</a>', page_url(scan.shipment.order), scan.shipment.number)
