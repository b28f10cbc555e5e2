"""The back office of many warehouses: goods on their way, units sold ahead, and who serves which order."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet, Sum
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from api.actors import Actor
from audit.admin import BackOfficeAdmin
from inventory.back_office.asked import ReceiveForm
from inventory.back_office.display import order_link, unbroken, when
from inventory.back_office.own import OwnRowsAdmin
from inventory.back_office.verbs import AskingAdmin, window
from inventory.callers import is_theirs
from inventory.models import Backorder, RoutingRule, Transfer, TransferLine
from inventory.routing_rules import change_rule
from inventory.transfers.services import cancel_transfer, receive_transfer

TRANSFER_COLOURS = {"in transit": "warning", "received": "success", "cancelled": "info"}
BACKORDER_COLOURS = {"waiting": "warning", "allocated": "success", "cancelled": "info"}


class TransferLines(TabularInline):
    model = TransferLine
    fields = ("item", "quantity", "received")
    extra = max_num = 0
    can_delete = False
    hide_title = True

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Transfer)
class TransferAdmin(OwnRowsAdmin, AskingAdmin):
    """What is on its way between our warehouses, and what became of it."""

    list_display = ("number", "source", "target", "units", "status", "sent", "closed")
    list_filter = ("state",)
    list_select_related = ("source", "target")
    search_fields = ("=number", "=lines__item__sku")
    search_help_text = "Number or SKU, exactly"
    fields = (("number", "status"), ("source", "target"), ("sent", "closed"), "loss_reason")
    readonly_fields = ("number", "status", "sent", "closed")
    inlines = (TransferLines,)
    actions_detail = ("receive", "take_back")
    how_to_fill = "A transfer that takes its time is sent from Stock, Levels: Transfer, with It takes its time."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transfer]:
        return super().get_queryset(request).annotate(units=Sum("lines__quantity"))

    @display(description="Units")
    def units(self, transfer: Any) -> int:
        return int(transfer.units or 0)

    @display(description="State", label=TRANSFER_COLOURS)
    def status(self, transfer: Transfer) -> str:
        return transfer.get_state_display()

    @display(description="Sent", ordering="sent_at")
    def sent(self, transfer: Transfer) -> SafeString:
        return when(transfer.sent_at)

    @display(description="Over")
    def closed(self, transfer: Transfer) -> SafeString:
        return when(transfer.closed_at)

    @action(
        description="Receive",
        permissions=("receive",),
        variant=ActionVariant.PRIMARY,
        dialog=window("Receive", "What arrived lies on the shelf of the target at once.", form_class=ReceiveForm),
    )
    def receive(self, request: HttpRequest, form: ReceiveForm, object_id: str) -> HttpResponse:
        number, given = self._mine(request, object_id, "target"), form.cleaned_data

        def verb(by: Actor) -> Transfer:
            return receive_transfer(number=number, received=given["counted"], loss_reason=given["loss_reason"], by=by)

        return self.run(request, verb, done=f"{number} has arrived.", object_id=object_id)

    @action(
        description="Take back",
        permissions=("take_back",),
        dialog=window("Take back", "All of it goes back onto the shelf it came from."),
    )
    def take_back(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        number = self._mine(request, object_id, "source")
        return self.run(
            request, lambda by: cancel_transfer(number=number, by=by), done=f"{number} is back.", object_id=object_id
        )

    def has_receive_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._has_end(request, object_id, "target")

    def has_take_back_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._has_end(request, object_id, "source")

    def _has_end(self, request: HttpRequest, object_id: str | None, end: str) -> bool:
        """Whether it is on its way, and that end of it the person's."""
        if not self.has_move_stock_permission(request):
            return False
        transfer: Transfer | None = self.get_object(request, str(object_id)) if object_id else None
        return (
            transfer is not None
            and transfer.state == Transfer.State.IN_TRANSIT
            and is_theirs(request.user, getattr(transfer, end).code)
        )

    def _mine(self, request: HttpRequest, object_id: str, end: str) -> str:
        """The number, for whoever has this end of it."""
        transfer: Transfer | None = self.get_object(request, object_id)
        if transfer is None:
            raise Http404
        if not is_theirs(request.user, getattr(transfer, end).code):
            raise PermissionDenied
        return transfer.number


@admin.register(Backorder)
class BackorderAdmin(AskingAdmin):
    """Units sold beyond the stock, the longest waiting first."""

    list_display = ("order", "sku", "quantity", "status", "promised_on", "since")
    list_filter = ("state",)
    list_select_related = ("item",)
    search_fields = ("=item__sku", "=order_number")
    search_help_text = "SKU or number of an order, exactly"
    ordering = ("id",)
    fields = (("order", "item"), ("quantity", "status"), ("promised_on", "since"))
    readonly_fields = ("order", "status", "since")
    how_to_fill = "Nobody waits. An item is sold beyond its stock by the button on its page under Stock, Items."

    @display(description="Order")
    def order(self, row: Backorder) -> SafeString:
        return order_link(row.order_id, row.order_number)

    @display(description="SKU")
    def sku(self, row: Backorder) -> SafeString:
        return unbroken(row.item.sku)

    @display(description="State", label=BACKORDER_COLOURS)
    def status(self, row: Backorder) -> str:
        return row.state

    @display(description="Since")
    def since(self, row: Backorder) -> SafeString:
        return when(row.created_at)


@admin.register(RoutingRule)
class RoutingRuleAdmin(BackOfficeAdmin):
    """Which warehouse serves an order: the active rules in their order."""

    list_display = ("rule", "position", "active")
    fields = ("rule", "position", "active")
    readonly_fields = ("rule",)
    ordering = ("position", "id")
    actions = None

    @display(description="Prefers", ordering="position")
    def rule(self, row: RoutingRule) -> str:
        return str(row)

    def save_model(self, request: HttpRequest, obj: RoutingRule, form: ModelForm, change: bool) -> None:
        change_rule(strategy=obj.strategy, position=obj.position, active=obj.active, by=self.actor(request))

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
