"""What providers have told, in the back office: what could not be understood waits there to be replayed."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from audit.admin import ReadOnlyAdmin
from kernel.errors import Refused
from orders.back_office.display import ago, pill
from payments.models import Payment, WebhookEvent
from payments.services import inbox
from payments.states import InboxState

TONES = {"parked": "bad", "received": "wait", "processed": "good"}
REPLAY = {
    "title": "Replay",
    "description": "The provider is asked again within seconds, with all attempts. Money still moves once.",
    "form_submit_text": "Replay",
}


class StateFilter(admin.SimpleListFilter):
    """What needs a person first; what is done only when asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [*InboxState.choices, ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [first | {"display": "Not processed"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(state__in=[self.value()] if self.value() else ["parked", "received"])


def name_payments(events: Iterable[Any]) -> None:
    """Give each event the `payment` it names, all of a page by one statement."""
    found = list(events)
    known = Payment.objects.filter(
        provider__in={event.provider for event in found},
        provider_reference__in={event.payment_reference for event in found} - {""},
    ).select_related("order")
    by_reference = {(payment.provider, payment.provider_reference): payment for payment in known}
    for event in found:
        event.payment = by_reference.get((event.provider, event.payment_reference))


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    """Parked ones come first: they wait for a person."""

    list_display = ("type", "provider", "of_payment", "shown_state", "attempts", "received", "error")
    list_filter = (StateFilter, "provider")
    search_fields = ("event_id",)
    search_help_text = "Order, the provider's id of the payment or of the event"
    sortable_by = ()
    actions = ("replay_selected",)
    actions_row = actions_detail = ("replay_one",)
    fields = (
        ("type", "provider"),
        ("event_id", "object_id"),
        ("payment_reference", "of_payment"),
        ("shown_state", "attempts"),
        ("received", "due", "processed"),
        ("last_error",),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for row in self.fields for name in row]

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("-id",) if request.GET.get("state") in {"processed", "all"} else ("state", "-id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[WebhookEvent], search_term: str
    ) -> tuple[QuerySet[WebhookEvent], bool]:
        if not (text := search_term.strip()):
            return queryset, False
        of_order = Payment.objects.filter(order__number=text.upper()).exclude(provider_reference="")
        references = [text, *of_order.values_list("provider_reference", flat=True)]
        return queryset.filter(Q(event_id=text) | Q(payment_reference__in=references)), False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        page = super().get_changelist_instance(request)
        name_payments(page.result_list)
        return page

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        event = super().get_object(request, object_id, from_field)
        name_payments([event] if event else [])
        return event

    def has_replay_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        if not request.user.has_perm("payments.change_webhookevent"):
            return False
        if object_id is None:
            return True
        event = self.get_object(request, str(object_id))
        return event is not None and event.state == InboxState.PARKED

    @admin.action(description="Replay those that are parked", permissions=["replay"])
    def replay_selected(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> None:
        done = 0
        for event in queryset:
            try:
                with transaction.atomic():
                    inbox.replay(event_id=event.pk, by=self.actor(request))
                done += 1
            except Refused as refusal:
                messages.warning(request, f"{event}: {refusal.text}")
        if done:
            messages.success(request, f"{done} put back to work.")

    @action(description="Replay", permissions=("replay",), variant=ActionVariant.PRIMARY, dialog=REPLAY)
    def replay_one(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        try:
            inbox.replay(event_id=int(object_id), by=self.actor(request))
        except Refused as refusal:
            messages.error(request, refusal.text)
        else:
            messages.success(request, "Put back to work.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:payments_webhookevent_change", args=(object_id,))})

    @admin.display(description="Payment")
    def of_payment(self, event: Any) -> SafeString:
        if event.payment is None:
            return format_html('<span class="wb-code">{}</span>', event.payment_reference)
        address = reverse("admin:payments_payment_change", args=(event.payment.pk,))
        return format_html('<a class="wb-link" href="{}">{}</a>', address, event.payment.order.number)

    @admin.display(description="State")
    def shown_state(self, event: WebhookEvent) -> SafeString:
        return pill(event.state, tone=TONES[event.state])

    @admin.display(description="Received")
    def received(self, event: WebhookEvent) -> SafeString:
        return ago(event.received_at)

    @admin.display(description="Next attempt")
    def due(self, event: WebhookEvent) -> SafeString:
        return ago(event.due_at if event.state == InboxState.RECEIVED else None)

    @admin.display(description="Processed")
    def processed(self, event: WebhookEvent) -> SafeString:
        return ago(event.processed_at)

    @admin.display(description="Last error")
    def error(self, event: WebhookEvent) -> str:
        return event.last_error.removeprefix("NotFound: ")[:160]
