"""The parts of orders as tables: looked at and searched; whoever wants to change something opens the order."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.views import ChangeList

from audit.admin import ReadOnlyAdmin
from audit.paging import EstimatedPaginator
from inventory.back_office.own import OwnRowsAdmin, OwnWarehouseFilter
from orders.back_office.ask import page_url
from orders.back_office.display import ago, money, options, pill
from orders.back_office.returns_desk import desk, desk_return
from orders.models import (
    Cart,
    CartItem,
    Hold,
    OrderAddress,
    OrderLine,
    OrderNote,
    OrderTransition,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
)


class PartList(ChangeList):
    """Its paginator has counted what there is; no second number is offered beside it."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count


class PartAdmin(ReadOnlyAdmin):
    """A table of parts of orders, newest first; each row leads to its order."""

    ordering = ("-id",)
    paginator: type[Paginator] = EstimatedPaginator
    list_select_related: Sequence[str] = ("order",)
    list_disable_select_all = True
    actions = None
    sortable_by = ()
    list_max_show_all = 0
    show_facets = admin.ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PartList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """One look into one index for each of `search_fields`, as typed or in one case."""
        typed = search_term.strip()
        if not typed:
            return queryset, False
        spellings = {typed, typed.upper(), typed.lower()}
        ways = [
            self.model._default_manager.filter(
                **({field: typed} if field.endswith("__iexact") else {f"{field}__in": spellings})
            )
            .order_by()
            .values("pk")
            for field in self.search_fields
        ]
        return queryset.filter(pk__in=ways[0].union(*ways[1:])), False

    @admin.display(description="Order")
    def of_order(self, row: Any) -> SafeString:
        return format_html('<a class="wb-link" href="{}">{}</a>', page_url(row.order), row.order.number)

    @admin.display(description="When")
    def at(self, row: Any) -> SafeString:
        return ago(row.created_at)

    @admin.display(description="Status")
    def state(self, row: Any) -> SafeString:
        return pill(row.status)


class WithoutHistory(PartAdmin):
    """Rows that are history themselves, or promise nothing: no trigger keeps earlier states of them."""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return super().change_view(request, object_id, form_url, {"show_history": False} | (extra_context or {}))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        raise Http404


class PartInline(TabularInline):
    """What is inside, to look at."""

    extra = 0
    can_delete = False
    show_change_link = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(OrderLine)
class OrderLineAdmin(PartAdmin):
    list_display = ("of_order", "code", "name", "chosen", "quantity", "cancelled", "packed", "shipped", "delivered",
                    "returned", "sum")  # fmt: skip
    list_display_links = ("code",)
    search_fields = ("product__sku", "order__number")
    search_help_text = "SKU or order"

    @admin.display(description="SKU")
    def code(self, line: OrderLine) -> str:
        return line.sku

    @admin.display(description="Options")
    def chosen(self, line: OrderLine) -> str:
        return options(line.options)

    @admin.display(description="Total")
    def sum(self, line: OrderLine) -> SafeString:
        return format_html('<span class="wb-amount">{}</span>', money(line.total, line.order.currency))


@admin.register(OrderAddress)
class OrderAddressAdmin(PartAdmin):
    list_display = ("of_order", "kind", "first_name", "last_name", "line1", "postal_code", "city", "country")
    list_display_links = ("kind",)
    search_fields = ("last_name__iexact", "order__number")
    search_help_text = "Last name or order"


class ShipmentLineInline(PartInline):
    model = ShipmentLine


@admin.register(Shipment)
class ShipmentAdmin(OwnRowsAdmin, PartAdmin):
    list_display = ("number", "of_order", "state", "warehouse", "carrier", "tracking_number", "packed", "shipped",
                    "delivered")  # fmt: skip
    list_filter = ("status", ("warehouse", OwnWarehouseFilter))
    list_select_related = ("order", "warehouse")
    list_display_links = ("number",)
    search_fields = ("number", "tracking_number", "order__number")
    search_help_text = "Package, tracking number or order"
    inlines = (ShipmentLineInline,)

    @admin.display(description="Packed")
    def packed(self, shipment: Shipment) -> SafeString:
        return ago(shipment.packed_at)

    @admin.display(description="Shipped")
    def shipped(self, shipment: Shipment) -> SafeString:
        return ago(shipment.shipped_at)

    @admin.display(description="Delivered")
    def delivered(self, shipment: Shipment) -> SafeString:
        return ago(shipment.delivered_at)


class ReturnLineInline(PartInline):
    model = ReturnLine


@admin.register(Return)
class ReturnAdmin(PartAdmin):
    list_display = ("number", "of_order", "state", "requested", "decided", "received", "note")
    list_filter = ("status",)
    list_display_links = ("number",)
    search_fields = ("number", "order__number")
    search_help_text = "Return or order"
    inlines = (ReturnLineInline,)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("desk/", self.admin_site.admin_view(desk), name="orders_return_desk"),
            path("desk/<str:number>/", self.admin_site.admin_view(desk_return), name="orders_return_desk_of"),
        ]
        return own + super().get_urls()

    @admin.display(description="Requested")
    def requested(self, ret: Return) -> SafeString:
        return ago(ret.requested_at)

    @admin.display(description="Decided")
    def decided(self, ret: Return) -> SafeString:
        return ago(ret.decided_at)

    @admin.display(description="Received")
    def received(self, ret: Return) -> SafeString:
        return ago(ret.received_at)


@admin.register(Hold)
class HoldAdmin(PartAdmin):
    list_display = ("of_order", "why", "note", "placed", "placed_by", "released", "released_by")
    list_filter = ("kind",)
    list_display_links = ("why",)
    search_fields = ("order__number",)
    search_help_text = "Order"

    @admin.display(description="Why")
    def why(self, hold: Hold) -> SafeString:
        return pill(hold.kind, tone="bad" if hold.released_at is None else "plain")

    @admin.display(description="Placed")
    def placed(self, hold: Hold) -> SafeString:
        return ago(hold.placed_at)

    @admin.display(description="Released")
    def released(self, hold: Hold) -> SafeString:
        return ago(hold.released_at)


@admin.register(OrderTransition)
class OrderTransitionAdmin(WithoutHistory):
    list_display = ("of_order", "version", "verb", "from_status", "to_status", "actor", "reason", "at")
    list_display_links = ("version",)
    search_fields = ("order__number",)
    search_help_text = "Order"


@admin.register(OrderNote)
class OrderNoteAdmin(WithoutHistory):
    list_display = ("of_order", "text", "actor", "at")
    list_display_links = ("text",)
    search_fields = ("order__number",)
    search_help_text = "Order"


class CartItemInline(PartInline):
    model = CartItem


@admin.register(Cart)
class CartAdmin(WithoutHistory):
    list_display = ("id", "owner", "currency", "seen", "became", "changed")
    list_select_related = ("user", "partner", "order")
    ordering = ("-updated_at",)
    list_display_links = ("id",)
    search_fields = ("user__email", "order__number")
    search_help_text = "Customer's e-mail, or order"
    inlines = (CartItemInline,)

    @admin.display(description="Whose")
    def owner(self, cart: Cart) -> str:
        return str(cart.user or cart.partner or cart.email or "Guest")

    @admin.display(description="Total last shown")
    def seen(self, cart: Cart) -> SafeString:
        return format_html('<span class="wb-amount">{}</span>', money(cart.seen_total, cart.currency))

    @admin.display(description="Order")
    def became(self, cart: Cart) -> SafeString:
        return self.of_order(cart) if cart.order else SafeString("")

    @admin.display(description="Changed")
    def changed(self, cart: Cart) -> SafeString:
        return ago(cart.updated_at)
