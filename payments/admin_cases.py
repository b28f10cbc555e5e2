"""Money cases in the back office: a queue of what no rule may decide, each with what to do about it."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from audit.admin.rows import said_of
from audit.names import names_of
from kernel.errors import Refused
from orders.admin.ledgers import PartAdmin
from orders.back_office.display import ago, pill
from payments.advice import advice_on
from payments.models import MoneyCase
from payments.services.cases import resolve_case


class ResolveForm(BaseDialogForm):
    """What was done about it."""

    resolution = forms.CharField(
        label="What was done about it", max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class OpenFilter(admin.SimpleListFilter):
    """What waits for a person; what is resolved only when asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("resolved", "Resolved"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [first | {"display": "Open"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.value() == "all" else queryset.filter(resolved_at__isnull=self.value() != "resolved")


def payment_link(row: Any) -> SafeString:
    if row.payment_id is None:
        return SafeString("")
    address = reverse("admin:payments_payment_change", args=(row.payment_id,))
    return format_html('<a class="wb-link wb-code" href="{}">{}</a>', address, str(row.payment_id)[:8])


@admin.register(MoneyCase)
class MoneyCaseAdmin(PartAdmin):
    list_display = ("why", "of_order", "of_payment", "detail", "what_to_do", "age")
    list_display_links = ("why",)
    list_filter = (OpenFilter, "kind")
    list_select_related = ("order", "payment")
    search_fields = ("order__number", "about")
    search_help_text = "Order or the provider's id"
    actions_row = actions_detail = ("resolve",)
    fields = (
        ("why", "subject"),
        ("of_order", "of_payment"),
        ("detail",),
        ("what_to_do",),
        ("age", "resolved"),
        ("who", "resolution"),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for row in self.fields for name in row]

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        return (F("resolved_at").desc(nulls_first=True), "-id") if request.GET.get("state") else ("id",)

    def has_resolve_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        if not request.user.has_perm("payments.change_moneycase"):
            return False
        return object_id is None or MoneyCase.objects.filter(pk=object_id, resolved_at=None).exists()

    @action(
        description="Resolve",
        permissions=("resolve",),
        variant=ActionVariant.PRIMARY,
        icon="task_alt",
        dialog={
            "title": "Resolve this case",
            "description": "It leaves the queue. Should the same happen again, a new case is opened.",
            "form_submit_text": "Resolve",
            "form_class": ResolveForm,
        },
    )
    def resolve(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        try:
            resolve_case(case_id=int(object_id), resolution=form.cleaned_data["resolution"], by=self.actor(request))
        except Refused as refusal:
            messages.error(request, refusal.text)
        else:
            messages.success(request, "The case is resolved.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:payments_moneycase_changelist")})

    @admin.display(description="Why")
    def why(self, case: MoneyCase) -> SafeString:
        return pill(
            case.kind, case.get_kind_display().capitalize(), tone="bad" if case.resolved_at is None else "plain"
        )

    @admin.display(description="About")
    def subject(self, case: MoneyCase) -> SafeString:
        return format_html('<span class="wb-code">{}</span>', case.about)

    @admin.display(description="Order")
    def of_order(self, row: Any) -> SafeString:
        return super().of_order(row) if row.order else SafeString("")

    @admin.display(description="Payment")
    def of_payment(self, case: MoneyCase) -> SafeString:
        return payment_link(case)

    @admin.display(description="What to do")
    def what_to_do(self, case: MoneyCase) -> str:
        return advice_on(case.kind)

    @admin.display(description="Since")
    def age(self, case: MoneyCase) -> SafeString:
        return ago(case.opened_at)

    @admin.display(description="Resolved")
    def resolved(self, case: MoneyCase) -> SafeString:
        return ago(case.resolved_at)

    @admin.display(description="By")
    def who(self, case: MoneyCase) -> str:
        return said_of(case.resolved_by, names_of({case.resolved_by})) if case.resolved_by else ""
