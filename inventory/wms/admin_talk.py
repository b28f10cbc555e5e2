"""What WMS are asked and what they told, in the back office: what was refused or could not be done waits there."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from audit.admin.pills import pill
from inventory.back_office.display import order_link, when
from inventory.back_office.own import OwnRowsAdmin, OwnWarehouseFilter
from inventory.callers import own_warehouses
from inventory.models import Reservation
from inventory.wms import inbox, push
from inventory.wms.admin_parts import WaitingFilter, WithoutHistory, each_by_itself
from inventory.wms.models import WmsEvent, WmsRequest
from inventory.wms.states import EventState, RequestState
from kernel.errors import Refused

TONES = {
    **dict.fromkeys(("accepted", "processed"), "good"),
    **dict.fromkeys(("pending", "received", "handed"), "move"),
    **dict.fromkeys(("refused", "parked"), "bad"),
    "unknown": "wait",
}


@admin.register(WmsRequest)
class WmsRequestAdmin(OwnRowsAdmin, WithoutHistory):
    list_display = ("kind_word", "order", "version", "warehouse", "shown_state", "attempts", "made", "error")
    list_select_related = ("warehouse",)
    list_filter = (WaitingFilter, "kind", "link", ("warehouse", OwnWarehouseFilter))
    search_fields = ("=order_number",)
    search_help_text = "Number of an order, exactly"
    how_to_fill = "Nothing waits to be sent and nothing was refused. What the WMS has accepted is under Filters."
    actions_row = actions_detail = ("resend",)
    fields = (
        ("kind_word", "order"),
        ("version", "warehouse"),
        ("link", "reference"),
        ("shown_state", "attempts"),
        ("made", "ended"),
        ("key", "last_error"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[WmsRequest]:
        """With the numbers of the orders, as their reservations know them: here an order is known by its id only."""
        rows: QuerySet[WmsRequest] = super().get_queryset(request)
        promised = Reservation.objects.filter(order_id=OuterRef("order_id"))
        return rows.annotate(order_number=Subquery(promised.values("order_number")[:1]))

    def has_resend_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.may(request, object_id, [RequestState.REFUSED])

    @action(
        description="Send again",
        permissions=("resend",),
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": "Send again",
            "description": "With a key of its own, and as the order is now.",
            "form_submit_text": "Send again",
        },
    )
    def resend(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        try:
            push.resend(request_id=int(object_id), by=self.actor(request))
        except Refused as refusal:
            messages.error(request, refusal.text)
            return self.back(object_id)
        return self.told(request, "It will be sent within seconds.", object_id)

    @display(description="Request")
    def kind_word(self, row: WmsRequest) -> str:
        return row.get_kind_display()

    @display(description="Order")
    def order(self, row: Any) -> SafeString:
        return order_link(row.order_id, row.order_number or "")

    @display(description="State")
    def shown_state(self, row: WmsRequest) -> SafeString:
        return pill(row.get_state_display(), TONES.get(row.state, "plain"))

    @display(description="Since")
    def made(self, row: WmsRequest) -> SafeString:
        return when(row.created_at)

    @display(description="Answered")
    def ended(self, row: WmsRequest) -> SafeString:
        return when(row.finished_at)

    @display(description="Last error")
    def error(self, row: WmsRequest) -> str:
        return row.last_error[:120]


@admin.register(WmsEvent)
class WmsEventAdmin(WithoutHistory):
    """Parked ones wait for a person. Not for people of some warehouses: what an event is about is not known before."""

    list_display = ("type", "subject", "link", "shown_state", "attempts", "received", "error")
    list_filter = (WaitingFilter, "type", "link")
    search_fields = ("=subject", "=event_id")
    search_help_text = "Order, SKU or id of the event, exactly"
    how_to_fill = "Nothing is parked and nothing waits. What was taken up is under Filters."
    actions = ("replay_selected",)
    actions_row = actions_detail = ("replay",)
    fields = (
        ("type", "subject"),
        ("link", "event_id"),
        ("says",),
        ("shown_state", "attempts"),
        ("received", "processed"),
        ("last_error",),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[WmsEvent]:
        rows: QuerySet[WmsEvent] = super().get_queryset(request)
        return rows if own_warehouses(request.user) is None else rows.none()

    def has_replay_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.may(request, object_id, [EventState.PARKED])

    @action(
        description="Replay",
        permissions=("replay",),
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": "Replay",
            "description": "It is taken up within seconds, with all attempts. A package still leaves once.",
            "form_submit_text": "Replay",
        },
    )
    def replay(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        try:
            inbox.replay(event_id=int(object_id), by=self.actor(request))
        except Refused as refusal:
            messages.error(request, refusal.text)
            return self.back(object_id)
        return self.told(request, "Put back to work.", object_id)

    @admin.action(description="Replay those that are parked", permissions=["replay"])
    def replay_selected(self, request: HttpRequest, queryset: QuerySet[WmsEvent]) -> None:
        each_by_itself(
            request, queryset, lambda row: inbox.replay(event_id=row.pk, by=self.actor(request)), "put back to work"
        )

    @display(description="Says")
    def says(self, event: WmsEvent) -> str:
        lines = event.content.get("lines") or event.content.get("items") or []
        units = [
            f"{line.get('quantity', line.get('on_hand'))} × {line.get('sku') or line.get('line')}" for line in lines
        ]
        return ", ".join(units[:20])

    @display(description="State")
    def shown_state(self, event: WmsEvent) -> SafeString:
        return pill(event.get_state_display(), TONES.get(event.state, "plain"))

    @display(description="Received")
    def received(self, event: WmsEvent) -> SafeString:
        return when(event.received_at)

    @display(description="Processed")
    def processed(self, event: WmsEvent) -> SafeString:
        return when(event.processed_at)

    @display(description="Last error")
    def error(self, event: WmsEvent) -> str:
        return event.last_error[:160]
