"""The queue of exceptions: what waits for a person, what is due first comes first."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.views import ChangeList

from audit.admin import ReadOnlyAdmin
from audit.admin.rows import page_link, said_of
from audit.exceptions.kinds import ADVICE, ExceptionKind
from audit.exceptions.models import ExceptionCase
from audit.names import names_of
from orders.back_office.display import ago, pill, promise
from orders.back_office.exception_counts import tabs
from orders.back_office.exceptions import AT_ONCE, VERBS, do

STATES = (("", "Open"), ("mine", "Mine"), ("snoozed", "Snoozed"), ("resolved", "Resolved"))
MODELS = {
    "orders.order": "orders.Order",
    "orders.shipment": "orders.Shipment",
    "inventory.stocklevel": "inventory.StockLevel",
    "payments.moneycase": "payments.MoneyCase",
    "payments.webhookevent": "payments.WebhookEvent",
    "payments.refund": "payments.Refund",
    "audit.delivery": "audit.Delivery",
    "inventory.wmsevent": "inventory.WmsEvent",
    "inventory.wmsrequest": "inventory.WmsRequest",
    "orders.carrierscan": "orders.CarrierScan",
}


class CaseList(ChangeList):
    """Kind and state are tabs, not filters of Django's; owners are named in one statement."""

    result_list: Any

    def get_filters_params(self, params: Any = None) -> Any:
        found = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in {"kind", "state"}}

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        name_people(request, self.result_list)


def name_people(request: HttpRequest, cases: Any) -> None:
    """Give each case its `owner_name` and the `link` to what it is about, where the person may go there."""
    names = names_of({f"user:{case.owner_id}" for case in cases if case.owner_id})
    for case in cases:
        case.owner_name = names.get(f"user:{case.owner_id}", "")
        case.link = page_link(request, MODELS.get(case.subject_type, ""), "change", case.subject_id)


def start(key: str, page: "ExceptionCaseAdmin", request: HttpRequest, queryset: QuerySet[ExceptionCase]) -> Any:
    ids = list(queryset.values_list("pk", flat=True)[:AT_ONCE])
    return redirect(f"{reverse('admin:audit_exceptioncase_do', args=(key,))}?{urlencode({'id': ids}, doseq=True)}")


@admin.register(ExceptionCase)
class ExceptionCaseAdmin(ReadOnlyAdmin):
    list_display = ("why", "about", "owner", "due", "where", "age")
    list_display_links = None
    list_before_template = "admin/audit/exceptioncase/tabs.html"
    search_fields = ("label",)
    search_help_text = "Order, package, SKU"
    how_to_fill = "All goes as it should. What does not shows up here by itself, within a minute."
    sortable_by = ()
    actions_row = ("take_row", "snooze_row", "resolve_row")
    actions_detail = ("take_row", "assign_row", "snooze_row", "resolve_row")
    fields = (
        ("why", "about"),
        ("what_to_do",),
        ("owner", "due"),
        ("where", "age"),
        ("put_off",),
    )
    ended = (("resolved",), ("resolution",))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for row in (*self.fields, *self.ended) for name in row]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """How it ended in place of until when it is put off."""
        return (*self.fields[:-1], *self.ended) if obj and obj.resolved_at else self.fields

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CaseList

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExceptionCase]:
        rows = ExceptionCase.objects.visible_to(request.user)
        if not request.resolver_match or request.resolver_match.url_name != "audit_exceptioncase_changelist":
            return rows
        kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
        if kind in ExceptionKind.values:
            rows = rows.filter(kind=kind)
        if state == "resolved":
            return rows.resolved().order_by("-resolved_at", "-id")
        if state == "snoozed":
            return rows.snoozed().order_by("snoozed_until", "id")
        return (rows.open().filter(owner_id=request.user.pk) if state == "mine" else rows.open()).order_by(
            "due_at", "id"
        )

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return {"resolved": ("-resolved_at", "-id"), "snoozed": ("snoozed_until", "id")}.get(
            request.GET.get("state", ""), ("due_at", "id")
        )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        case = super().get_object(request, object_id, from_field)
        name_people(request, [case] if case else [])
        return case

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {
            "title": "Exceptions",
            "tabs": tabs(request),
            "chips": STATES,
            "kind": request.GET.get("kind", ""),
            "state": request.GET.get("state", ""),
        }
        return super().changelist_view(request, shown | (extra_context or {}))

    def get_urls(self) -> list[URLPattern]:
        name = "audit_exceptioncase_do"
        return [path("do/<str:key>/", self.admin_site.admin_view(do), name=name), *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        if not request.user.has_perm("audit.change_exceptioncase"):
            return {}
        return {key: (partial(start, key), key, verb.title) for key, verb in VERBS.items()}

    def has_verbs_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        if not request.user.has_perm("audit.change_exceptioncase"):
            return False
        return object_id is None or self.get_queryset(request).filter(pk=object_id, resolved_at=None).exists()

    @action(description="Take", permissions=("verbs",), icon="front_hand")
    def take_row(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return one("take", object_id)

    @action(description="Assign", permissions=("verbs",), icon="person_add")
    def assign_row(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return one("assign", object_id)

    @action(description="Snooze", permissions=("verbs",), icon="snooze")
    def snooze_row(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return one("snooze", object_id)

    @action(description="Resolve", permissions=("verbs",), icon="task_alt")
    def resolve_row(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return one("resolve", object_id)

    @admin.display(description="What")
    def why(self, case: ExceptionCase) -> SafeString:
        tone = "plain" if case.resolved_at else "bad" if case.is_late else "wait"
        page = reverse("admin:audit_exceptioncase_change", args=(case.pk,))
        return format_html('<a href="{}">{}</a>', page, pill(case.kind, case.get_kind_display(), tone=tone))

    @admin.display(description="About")
    def about(self, case: Any) -> SafeString:
        name = format_html('<a class="wb-number" href="{}">{}</a>', case.link, case.label) if case.link else case.label
        return format_html('{} <span class="wb-subtle">{}</span>', name, case.detail)

    @admin.display(description="Whose")
    def owner(self, case: Any) -> SafeString:
        return format_html("{}", case.owner_name) if case.owner_name else SafeString('<span class="wb-subtle">–</span>')

    @admin.display(description="Due")
    def due(self, case: ExceptionCase) -> SafeString:
        return promise(case.due_at, kept=case.resolved_at is not None)

    @admin.display(description="Where")
    def where(self, case: ExceptionCase) -> str:
        return ", ".join(case.warehouses)

    @admin.display(description="Age")
    def age(self, case: ExceptionCase) -> SafeString:
        return ago(case.opened_at)

    @admin.display(description="What to do")
    def what_to_do(self, case: ExceptionCase) -> str:
        return ADVICE[case.kind]

    @admin.display(description="Put off until")
    def put_off(self, case: ExceptionCase) -> SafeString:
        return ago(case.snoozed_until if case.snoozed_until and case.snoozed_until > timezone.now() else None)

    @admin.display(description="Resolved")
    def resolved(self, case: ExceptionCase) -> SafeString:
        if case.resolved_at is None:
            return SafeString("")
        return format_html("{} by {}", ago(case.resolved_at), said_of(case.resolved_by, names_of({case.resolved_by})))


def one(key: str, object_id: str) -> HttpResponse:
    return redirect(f"{reverse('admin:audit_exceptioncase_do', args=(key,))}?id={object_id}")
