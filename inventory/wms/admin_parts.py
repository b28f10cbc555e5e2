"""What the pages of the WMS share."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from unfold.paginator import InfinitePaginator

from audit.admin import ReadOnlyAdmin
from inventory.wms.models import WmsDifference, WmsEvent, WmsRequest
from inventory.wms.states import UNSENT, DifferenceState, EventState, RequestState
from kernel.errors import Refused

MOVES = "inventory.change_stocklevel"


class WithoutHistory(ReadOnlyAdmin):
    """What is history itself, or a machine's notes."""

    ordering = ("-id",)
    paginator = InfinitePaginator
    sortable_by = ()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().change_view(request, object_id, form_url, {"show_history": False} | (extra_context or {}))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        raise Http404

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        rows: Any = self.fields or ()
        return [name for row in rows for name in ([row] if isinstance(row, str) else row)]

    def may(self, request: HttpRequest, object_id: str | None, states: Iterable[str]) -> bool:
        """Whether the person may move stock, and the row is in one of these states and theirs."""
        if not request.user.has_perm(MOVES):
            return False
        return object_id is None or self.get_queryset(request).filter(pk=object_id, state__in=list(states)).exists()

    def told(self, request: HttpRequest, done: str, *path: Any) -> HttpResponse:
        """Say that it is done, and lead back."""
        messages.success(request, done)
        return self.back(*path)

    def back(self, *path: Any) -> HttpResponse:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{'change' if path else 'changelist'}"
        return HttpResponse(headers={"HX-Redirect": reverse(name, args=path)})


class WaitingFilter(admin.SimpleListFilter):
    """What waits for a person; the rest only when asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        field: Any = model_admin.model._meta.get_field("state")
        return [*field.choices, ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [first | {"display": "To be looked at"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        waiting: dict[type, list[str]] = {
            WmsDifference: [DifferenceState.QUARANTINED],
            WmsRequest: [*UNSENT, RequestState.REFUSED],
            WmsEvent: [EventState.PARKED, EventState.RECEIVED, EventState.HANDED],
        }
        if self.value() == "all":
            return queryset
        return queryset.filter(state__in=[self.value()] if self.value() else waiting[queryset.model])


def each_by_itself(request: HttpRequest, rows: Iterable[Any], perform: Callable[[Any], object], done: str) -> None:
    """Each row in a transaction of its own, with its refusal."""
    count = 0
    for row in rows:
        try:
            with transaction.atomic():
                perform(row)
            count += 1
        except Refused as refusal:
            messages.warning(request, f"{row}: {refusal.text}")
    if count:
        messages.success(request, f"{count} {done}.")
