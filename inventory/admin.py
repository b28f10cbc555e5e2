"""The back office of stock."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import F, Model, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import action, display

from audit.admin import ReadOnlyAdmin
from inventory.back_office.ask import PERMISSION, asking
from inventory.back_office.asked import BackordersForm
from inventory.back_office.display import (
    FINE,
    LOW,
    NOTHING,
    OUT,
    SHORT,
    availability,
    order_link,
    when,
)
from inventory.back_office.forms import AdjustForm, BinForm, ReorderForm, SafetyForm, TransferForm
from inventory.back_office.houses import BackorderAdmin, RoutingRuleAdmin, TransferAdmin
from inventory.back_office.ledger import ReservationAdmin, ShortfallAdmin, StockMovementAdmin, movements_of
from inventory.back_office.own import OwnRowsAdmin, OwnWarehouseFilter
from inventory.back_office.verbs import AskingAdmin, window
from inventory.backorders.terms import set_backorder_terms
from inventory.callers import own_warehouses
from inventory.models import Reservation, StockItem, StockLevel, Warehouse
from inventory.services import create_warehouse, delete_warehouse, update_warehouse
from inventory.services.warehouses import Place
from inventory.wms import admin as wms_pages  # noqa: F401  registers its pages
from inventory.wms import admin_numbers as wms_number_pages  # noqa: F401  registers its pages
from inventory.wms import admin_talk as wms_talk_pages  # noqa: F401  registers its pages

__all__ = [
    "BackorderAdmin",
    "ReservationAdmin",
    "RoutingRuleAdmin",
    "ShortfallAdmin",
    "StockMovementAdmin",
    "TransferAdmin",
]


class ReadOnlyInline(TabularInline):
    """Rows of another table below the page of this one: looked at, not typed into."""

    extra = 0
    max_num = 0
    can_delete = False
    hide_title = True
    per_page = 25

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class OpenReservations(ReadOnlyInline):
    model = Reservation
    verbose_name_plural = "Reserved for"
    fields = ("order", "quantity", "state", "reason", "expires")
    readonly_fields = ("order", "expires")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reservation]:
        return super().get_queryset(request).open().order_by("id")

    def order(self, row: Reservation) -> SafeString:
        return order_link(row.order_id, row.order_number)

    def expires(self, row: Reservation) -> SafeString:
        return when(row.expires_at)


class Levels(ReadOnlyInline):
    model = StockLevel
    fields = ("warehouse", "on_hand", "reserved", "safety", "available", "incoming", "bin")
    readonly_fields = ("available", "incoming")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockLevel]:
        return super().get_queryset(request).visible_to(request.user).with_incoming()

    @display(description="Incoming")
    def incoming(self, level: Any) -> int:
        return int(level.incoming)


class AvailabilityFilter(admin.SimpleListFilter):
    """Where somebody should look."""

    title = "availability"
    parameter_name = "availability"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("low", "Low or out"), ("out", "Out"), ("short", "Short: more promised than there")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "low":
                low: QuerySet[Any] = queryset.low()  # type: ignore[attr-defined]
                return low
            case "out":
                return queryset.filter(available=0)
            case "short":
                return queryset.filter(reserved__gt=F("on_hand"))
        return queryset


@admin.register(StockLevel)
class StockLevelAdmin(OwnRowsAdmin, ReadOnlyAdmin):
    """Item by warehouse: what lies there, what is promised, what can be sold."""

    list_display = ("item", "warehouse", "on_hand", "reserved", "safety", "available", "incoming", "sells", "bin")
    list_select_related = ("item", "warehouse")
    list_filter = (AvailabilityFilter, ("warehouse", OwnWarehouseFilter))
    search_fields = ("^item__sku", "=bin")
    search_help_text = "Beginning of a SKU, or a bin"
    how_to_fill = "A level is low at its own reorder point, or at SHOP_REORDER_POINT available units."
    ordering = ("item__sku", "warehouse__priority")
    fields = (
        ("item", "warehouse"),
        ("on_hand", "reserved"),
        ("safety", "available"),
        ("reorder_point", "low"),
        ("incoming", "bin"),
    )
    readonly_fields = ("incoming", "low")
    inlines = (OpenReservations,)
    actions_list = ("adjust", "transfer", "set_safety", "set_reorder_point", "place_in_bin")
    actions_row = actions_detail = (
        *("adjust_this", "transfer_this", "set_safety_of_this", "place_in_bin_of_this"), "movements", "why",
    )  # fmt: skip

    # By name, since unfold looks dotted permissions up in the database when it checks the project.
    def has_move_stock_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockLevel]:
        rows: Any = super().get_queryset(request)
        levels: QuerySet[StockLevel] = rows.with_incoming()
        return levels

    @display(description="Incoming")
    def incoming(self, level: Any) -> SafeString | int:
        return int(level.incoming) or NOTHING

    @display(description="Low since")
    def low(self, level: StockLevel) -> SafeString:
        return when(level.low_since)

    @display(description="Sells", label={SHORT: "danger", OUT: "danger", LOW: "warning", FINE: "success"})
    def sells(self, level: StockLevel) -> str:
        return availability(level)

    @action(description="Adjust", permissions=["move_stock"], icon="edit_note")
    def adjust(self, request: HttpRequest) -> HttpResponse:
        return asking(AdjustForm)(request)

    @action(description="Transfer", permissions=["move_stock"], icon="swap_horiz")
    def transfer(self, request: HttpRequest) -> HttpResponse:
        return asking(TransferForm)(request)

    @action(description="Safety stock", permissions=["move_stock"], icon="shield")
    def set_safety(self, request: HttpRequest) -> HttpResponse:
        return asking(SafetyForm)(request)

    @action(description="Reorder point", permissions=["move_stock"], icon="notifications")
    def set_reorder_point(self, request: HttpRequest) -> HttpResponse:
        return asking(ReorderForm)(request)

    @action(description="Place in a bin", permissions=["move_stock"], icon="grid_view")
    def place_in_bin(self, request: HttpRequest) -> HttpResponse:
        return asking(BinForm)(request)

    @action(description="Adjust", permissions=["move_stock"], icon="edit_note")
    def adjust_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask_about(request, object_id, "adjust")

    @action(description="Transfer", permissions=["move_stock"], icon="swap_horiz")
    def transfer_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask_about(request, object_id, "transfer")

    @action(description="Safety stock", permissions=["move_stock"], icon="shield")
    def set_safety_of_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask_about(request, object_id, "set_safety")

    @action(description="Place in a bin", permissions=["move_stock"], icon="grid_view")
    def place_in_bin_of_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask_about(request, object_id, "place_in_bin")

    @action(description="Movements", icon="list_alt", permissions=["view"])
    def movements(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(movements_of(self._level(request, object_id)))

    @action(description="Why?", icon="help", permissions=["view"])
    def why(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who holds it: the open reservations of this level."""
        level = self._level(request, object_id)
        place = {"item__id__exact": level.item_id, "warehouse__id__exact": level.warehouse_id}
        query = urlencode(place | {"state__in": ",".join(Reservation.OPEN)})
        return redirect(f"{reverse('admin:inventory_reservation_changelist')}?{query}")

    def _level(self, request: HttpRequest, object_id: str) -> StockLevel:
        level: StockLevel | None = self.get_object(request, object_id)
        if level is None:
            raise Http404
        return level

    def _ask_about(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        level = self._level(request, object_id)
        place = {"sku": level.item.sku, "warehouse": level.warehouse.code}
        query = urlencode(place | {"safety": level.safety, "bin": level.bin})
        return redirect(f"{reverse(f'admin:inventory_stocklevel_{verb}')}?{query}")


@admin.register(StockItem)
class StockItemAdmin(AskingAdmin):
    """What can lie on a shelf. Nobody's own: whoever receives a thing for the first time has to find it."""

    list_display = ("sku", "waiting", "backorder_limit", "available_from", "expected_on", "created")
    list_filter = (("backorder_limit", admin.EmptyFieldListFilter),)
    fields = ("sku", ("waiting", "backorder_limit"), ("available_from", "expected_on"))
    readonly_fields = ("waiting",)
    actions_detail = ("sell_ahead",)
    search_fields = ("^sku",)
    ordering = ("sku",)
    inlines = (Levels,)

    @display(description="Since", ordering="created_at")
    def created(self, item: StockItem) -> SafeString:
        return when(item.created_at)

    @action(
        description="Sell beyond the stock",
        permissions=("move_stock",),
        dialog=window(
            "Sell beyond the stock",
            "Customers are told when it will be there. Who waits already keeps what they were promised.",
            form_class=BackordersForm,
        ),
    )
    def sell_ahead(self, request: HttpRequest, form: BackordersForm, object_id: str) -> HttpResponse:
        item: StockItem | None = self.get_object(request, object_id)
        if item is None:
            raise Http404
        sku, terms = item.sku, form.terms()
        return self.run(
            request,
            lambda by: set_backorder_terms(sku=sku, terms=terms, by=by),
            done="The terms are changed.",
            object_id=object_id,
        )


@admin.register(Warehouse)
class WarehouseAdmin(OwnRowsAdmin):
    list_display = ("code", "name", "active", "priority", "region", "country")
    fields = ("code", "name", ("active", "priority"), "line1", ("postal_code", "city"), ("region", "country"))
    list_filter = ("active",)
    search_fields = ("code", "name")
    ordering = ("priority", "code")
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Warehouse, form: ModelForm, change: bool) -> None:
        save = update_warehouse if change else create_warehouse
        place = Place(
            line1=obj.line1, city=obj.city, postal_code=obj.postal_code, region=obj.region, country=obj.country
        )
        saved = save(
            code=obj.code,
            name=obj.name,
            active=obj.active,
            priority=obj.priority,
            by=self.actor(request),
            **place,
        )
        obj.pk = saved.pk

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Not for people of some warehouses: a new one would be none of theirs."""
        return own_warehouses(request.user) is None and super().has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        in_use = isinstance(obj, Warehouse) and obj.levels.exists()
        return not in_use and super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: Warehouse) -> None:
        delete_warehouse(code=obj.code, by=self.actor(request))
