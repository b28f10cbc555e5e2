"""The ledger of stock in the back office: movements, reservations, shortfalls."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from audit.admin import ReadOnlyAdmin
from audit.admin.rows import name_actors
from inventory.back_office.display import order_link, signed, unbroken, when
from inventory.back_office.own import OwnRowsAdmin, OwnWarehouseFilter
from inventory.models import Reservation, Shortfall, StockLevel, StockMovement

STATE_COLOURS = {"held": "warning", "committed": "info", "consumed": "success"}
KIND_COLOURS = {"received": "success", "returned": "success", "shipped": "info", "adjusted": "warning"}


def movements_of(level: StockLevel) -> str:
    """The address of the ledger of one level."""
    query = urlencode({"item__id__exact": level.item_id, "warehouse__id__exact": level.warehouse_id})
    return f"{reverse('admin:inventory_stockmovement_changelist')}?{query}"


@admin.register(StockMovement)
class StockMovementAdmin(OwnRowsAdmin, ReadOnlyAdmin):
    """The ledger, newest first. Never counted: it only grows."""

    list_display = ("created", "sku", "warehouse", "difference", "on_hand_after", "what", "reason", "cause", "who")
    list_select_related = ("item", "warehouse")
    list_filter = ("kind", "reason", ("warehouse", OwnWarehouseFilter))
    search_fields = ("=item__sku", "=cause")
    search_help_text = "SKU or cause, exactly"
    ordering = ("-id",)
    paginator = InfinitePaginator

    fields = (
        "item", "warehouse", "delta", "on_hand_after", "kind", "reason", "cause", "order_line_id", "who", "created_at",
    )  # fmt: skip
    readonly_fields = ("who",)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        page = super().get_changelist_instance(request)
        name_actors(page.result_list)
        return page

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        movement = super().get_object(request, object_id, from_field)
        name_actors([movement] if movement else [])
        return movement

    @display(description="When")
    def created(self, movement: StockMovement) -> SafeString:
        return when(movement.created_at)

    @display(description="SKU")
    def sku(self, movement: StockMovement) -> SafeString:
        return unbroken(movement.item.sku)

    @display(description="Change")
    def difference(self, movement: StockMovement) -> SafeString:
        return signed(movement.delta)

    @display(description="Kind", label=KIND_COLOURS)
    def what(self, movement: StockMovement) -> str:
        return movement.kind

    @display(description="By")
    def who(self, movement: Any) -> str:
        return str(movement.who)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """A ledger has no history, it is one: that of the level, among its other movements."""
        movement: StockMovement | None = self.get_object(request, object_id)
        if movement is None:
            raise Http404
        return redirect(movements_of(movement.level))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup == "item__id__exact" or super().lookup_allowed(lookup, value, request)


@admin.register(Reservation)
class ReservationAdmin(OwnRowsAdmin, ReadOnlyAdmin):
    """Which units are promised to which order."""

    list_display = ("order", "item", "warehouse", "quantity", "status", "reason", "expires", "created")
    list_select_related = ("item", "warehouse")
    list_filter = ("state", ("warehouse", OwnWarehouseFilter))
    search_fields = ("=item__sku", "=order_number", "=order_id")
    search_help_text = "SKU or number of an order, exactly"
    ordering = ("-id",)
    paginator = InfinitePaginator
    fields = (
        "order", "item", "warehouse", "quantity", "reason", "state", "expires_at", "created_at",
    )  # fmt: skip
    readonly_fields = ("order",)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup in {"item__id__exact", "state__in"} or super().lookup_allowed(lookup, value, request)

    @display(description="Order")
    def order(self, reservation: Reservation) -> SafeString:
        return order_link(reservation.order_id, reservation.order_number)

    @display(description="State", label=STATE_COLOURS)
    def status(self, reservation: Reservation) -> str:
        return reservation.state

    @display(description="Expires")
    def expires(self, reservation: Reservation) -> SafeString:
        return when(reservation.expires_at)

    @display(description="Since")
    def created(self, reservation: Reservation) -> SafeString:
        return when(reservation.created_at)


@admin.register(Shortfall)
class ShortfallAdmin(OwnRowsAdmin, ReadOnlyAdmin):
    """Where more is promised than lies there."""

    list_display = ("level", "quantity", "status", "opened", "closed")
    list_select_related = ("level__item", "level__warehouse")
    list_filter = (("closed_at", admin.EmptyFieldListFilter), ("level__warehouse", OwnWarehouseFilter))
    search_fields = ("=level__item__sku",)
    ordering = ("-id",)
    how_to_fill = "All that is promised lies there."

    @display(description="State", label={"open": "danger", "closed": "success"})
    def status(self, shortfall: Shortfall) -> str:
        return "closed" if shortfall.closed_at else "open"

    @display(description="Opened")
    def opened(self, shortfall: Shortfall) -> SafeString:
        return when(shortfall.opened_at)

    @display(description="Closed")
    def closed(self, shortfall: Shortfall) -> SafeString:
        return when(shortfall.closed_at)
