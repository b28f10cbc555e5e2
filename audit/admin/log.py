"""The log of facts, and what became of each fact at each handler."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from audit.admin.base import ReadOnlyAdmin
from audit.admin.pills import pill
from audit.admin.rows import moment, name_actors
from audit.kinds import kinds
from audit.models import Delivery, LogEntry, Outbox
from audit.names import actor_named
from audit.relay import replay
from kernel.errors import Refused

TONES = {"parked": "bad", "pending": "wait", "done": "good"}
WORDS = {"parked": "Parked", "pending": "On its way", "done": "Done"}
REPLAY = {
    "title": "Replay",
    "description": "The handler runs again within a second, with all its attempts. Its effect still happens once.",
    "form_submit_text": "Replay",
}


def ago(when: datetime | None) -> SafeString:
    """The instant in the shop's time, exact to the second on hover."""
    if when is None:
        return SafeString("–")
    local = timezone.localtime(when)
    return format_html(
        '<time class="wb-time" datetime="{}" title="{}">{}</time>',
        when.isoformat(),
        moment(when.isoformat()),
        f"{local:%-d %b %H:%M}" if local.year == timezone.localtime().year else f"{local:%-d %b %Y}",
    )


def state_pill(state: str) -> SafeString:
    return pill(WORDS[state], TONES[state])


def about(entry: Any) -> str:
    """What the fact is about: `order W1000001`, once `name_entries` has looked the number up."""
    return f"{entry.aggregate.replace('_', ' ')} {getattr(entry, 'called', entry.aggregate_id)}"


def name_entries(entries: Iterable[Any]) -> None:
    """Give each entry its `who` and what its aggregate is `called`: a statement a kind of actor and of aggregate."""
    found = list(entries)
    name_actors(found)
    called = _called({(entry.aggregate, entry.aggregate_id) for entry in found})
    for entry in found:
        entry.called = called.get((entry.aggregate, entry.aggregate_id), entry.aggregate_id)


def _called(aggregates: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    ids: dict[str, set[Any]] = defaultdict(set)
    for aggregate, aggregate_id in aggregates:
        if (kind := kinds().get(aggregate)) and kind.public_key != kind.key:
            ids[aggregate].update(kind.keys_of(aggregate_id))
    names = {}
    for aggregate, keys in ids.items():
        kind = kinds()[aggregate]
        rows = kind.model._default_manager.filter(pk__in=keys).values_list("pk", kind.public_key)
        names.update({(aggregate, str(pk)): str(name) for pk, name in rows})
    return names


def found_by(text: str) -> Q:
    """Entries by the id of what they are about (also its number, SKU …), their name, or who did it: exact, by index."""
    found = Q(aggregate_id=text) | Q(name=text) | Q(actor=actor_named(text) or text)
    with suppress(ValueError):
        found |= Q(uuid=UUID(text))
    for kind in kinds().values():
        if kind.public_key != kind.key and (keys := kind.live_ids_of(text)):
            found |= Q(aggregate=kind.name, aggregate_id__in=[str(key) for key in keys])
    return found


class EntryPages(ReadOnlyAdmin):
    """Pages whose rows have an `entry`, with the names of who and what in it."""

    list_select_related = ("entry",)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        page = super().get_changelist_instance(request)
        name_entries(row.entry for row in page.result_list)
        return page

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        name_entries([row.entry] if row else [])
        return row


class StateFilter(admin.SimpleListFilter):
    """What needs a person first; what is done only when asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [*WORDS.items(), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [first | {"display": "Not done"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(state__in=[self.value()] if self.value() else ["parked", "pending"])


@admin.register(Delivery)
class DeliveryAdmin(EntryPages):
    """One handler's part of one fact. Parked ones come first: they wait for a person."""

    list_display = ("what", "handler_name", "shown_state", "attempts", "due", "error")
    list_filter = (StateFilter,)
    search_fields = ("entry__aggregate_id",)
    search_help_text = "Number or id of what the fact is about, its name, or the handler"
    sortable_by = ()
    actions = ("replay_selected",)
    actions_detail = ("replay_one",)
    fields = ("fact", "handler", "shown_state", "attempts", "due", "finished", "shown_error")
    readonly_fields = fields

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("-id",) if request.GET.get("state") in {"done", "all"} else ("state", "-id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Delivery], search_term: str
    ) -> tuple[QuerySet[Delivery], bool]:
        if not (text := search_term.strip()):
            return queryset, False
        entries = LogEntry.objects.filter(found_by(text)).order_by().values("pk")
        return queryset.filter(Q(entry__in=entries) | Q(handler=text)), False

    @admin.display(description="Fact")
    def what(self, row: Delivery) -> SafeString:
        return format_html(
            '<span class="wb-strong">{}</span> <span class="wb-subtle">{}</span>', row.entry.name, about(row.entry)
        )

    @admin.display(description="Fact")
    def fact(self, row: Delivery) -> SafeString:
        link = reverse("admin:audit_logentry_change", args=(row.entry_id,))
        return format_html('<a class="wb-link" href="{}">{} · {}</a>', link, row.entry.name, about(row.entry))

    @admin.display(description="Handler")
    def handler_name(self, row: Delivery) -> str:
        return row.handler

    @admin.display(description="State")
    def shown_state(self, row: Delivery) -> SafeString:
        return state_pill(row.state)

    @admin.display(description="Due")
    def due(self, row: Delivery) -> SafeString:
        return ago(row.due_at if row.state == Delivery.State.PENDING else None)

    @admin.display(description="Done")
    def finished(self, row: Delivery) -> SafeString:
        return ago(row.done_at)

    @admin.display(description="Last error")
    def error(self, row: Delivery) -> str:
        return row.last_error.strip()[:160]

    @admin.display(description="Last error")
    def shown_error(self, row: Delivery) -> SafeString:
        return (
            format_html('<pre class="wb-code whitespace-pre-wrap">{}</pre>', row.last_error)
            if row.last_error
            else SafeString("–")
        )

    def has_replay_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        if not request.user.has_perm("audit.change_delivery"):
            return False
        if object_id is None:
            return True
        row = self.get_object(request, str(object_id))
        return row is not None and row.state == Delivery.State.PARKED

    @admin.action(description="Replay those that are parked", permissions=["replay"])
    def replay_selected(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        done = 0
        for row in queryset:
            try:
                with transaction.atomic():
                    replay(delivery_id=row.pk, by=self.actor(request))
                done += 1
            except Refused as refusal:
                messages.warning(request, f"{row.handler} for {about(row.entry)}: {refusal.text}")
        if done:
            messages.success(request, f"{done} handed out again.")

    @action(description="Replay", permissions=("replay",), variant=ActionVariant.PRIMARY, dialog=REPLAY)
    def replay_one(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        try:
            replay(delivery_id=int(object_id), by=self.actor(request))
        except Refused as refusal:
            messages.error(request, refusal.text)
        else:
            messages.success(request, "Handed out again.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:audit_delivery_change", args=(object_id,))})


class DeliveryInline(TabularInline):
    """What became of the fact."""

    model = Delivery
    fields = ("handler", "shown_state", "attempts", "finished")
    readonly_fields = fields
    extra = 0
    can_delete = False
    show_change_link = True
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="State")
    def shown_state(self, row: Delivery) -> SafeString:
        return state_pill(row.state)

    @admin.display(description="Done")
    def finished(self, row: Delivery) -> SafeString:
        return ago(row.done_at)


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """What happened, in the order it was written."""

    list_display = ("what", "about_what", "sequence", "who", "at", "in_request")
    search_fields = ("aggregate_id",)
    search_help_text = "Number or id of what it is about, name of the fact, e-mail of who did it"
    sortable_by = ()
    ordering = ("-id",)
    fields = ("name", "about_what", "sequence", "said", "who", "at", "request_id", "uuid")
    readonly_fields = fields
    inlines = (DeliveryInline,)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[LogEntry], search_term: str
    ) -> tuple[QuerySet[LogEntry], bool]:
        text = search_term.strip()
        return queryset.filter(found_by(text)) if text else queryset, False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        page = super().get_changelist_instance(request)
        name_entries(page.result_list)
        return page

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> LogEntry | None:
        entry: LogEntry | None = super().get_object(request, object_id, from_field)
        name_entries([entry] if entry else [])
        return entry

    def get_inlines(self, request: HttpRequest, obj: LogEntry | None = None) -> list[type[TabularInline]]:
        return [*self.inlines] if obj and obj.deliveries.exists() else []

    @admin.display(description="Fact")
    def what(self, entry: LogEntry) -> SafeString:
        return format_html('<span class="wb-strong">{}</span>', entry.name)

    @admin.display(description="About")
    def about_what(self, entry: LogEntry) -> str:
        return about(entry)

    @admin.display(description="Who")
    def who(self, entry: Any) -> str:
        return str(entry.who)

    @admin.display(description="When")
    def at(self, entry: LogEntry) -> SafeString:
        return ago(entry.created_at)

    @admin.display(description="Request")
    def in_request(self, entry: LogEntry) -> SafeString:
        return format_html('<span class="wb-code">{}</span>', entry.request_id[:12])

    @admin.display(description="Says")
    def said(self, entry: LogEntry) -> SafeString:
        return format_html_join(SafeString("<br>"), "{}: {}", entry.payload.items())


@admin.register(Outbox)
class OutboxAdmin(EntryPages):
    """Facts that the relay has not yet handed to their handlers. Usually empty."""

    list_display = ("what", "at")
    ordering = ("pk",)
    sortable_by = ()
    fields = ("what", "at")
    readonly_fields = fields

    @admin.display(description="Fact")
    def what(self, row: Outbox) -> SafeString:
        link = reverse("admin:audit_logentry_change", args=(row.pk,))
        return format_html('<a class="wb-link" href="{}">{} · {}</a>', link, row.entry.name, about(row.entry))

    @admin.display(description="Since")
    def at(self, row: Outbox) -> SafeString:
        return ago(row.entry.created_at)
