"""Comparisons with providers in the back office, and the differences they left."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from audit.admin.rows import said_of
from audit.names import names_of
from kernel.errors import Refused
from orders.admin.ledgers import PartInline, WithoutHistory
from orders.back_office.display import ago, exact, pill, words
from payments.admin_cases import ResolveForm, payment_link
from payments.gateways.registry import configured
from payments.models import Difference, ReconciliationRun
from payments.reconciliation.run import LONGEST_WINDOW, open_run, resolve_difference
from payments.reconciliation.window import last_days
from payments.states import DifferenceState, Provider

TONES = {"open": "bad", "repaired": "good", "resolved": "plain"}


class RunForm(BaseDialogForm):
    """Which provider, and how far back."""

    provider = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    days = forms.IntegerField(
        label="Days back", initial=3, min_value=1, max_value=LONGEST_WINDOW.days, widget=UnfoldAdminIntegerFieldWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        provider: Any = self.fields["provider"]
        provider.choices = [(name, Provider(name).label) for name in configured()]


class DifferenceInline(PartInline):
    model = Difference
    verbose_name_plural = "Differences"
    fields = readonly_fields = ("what", "object_type", "reference", "ours", "theirs", "shown_state", "action")
    show_change_link = True

    @admin.display(description="Difference")
    def what(self, difference: Difference) -> str:
        return words(difference.kind)

    @admin.display(description="State")
    def shown_state(self, difference: Difference) -> SafeString:
        return pill(difference.state, tone=TONES[difference.state])


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(WithoutHistory):
    list_display = ("number", "provider", "shown_state", "since", "until", "compared", "repaired", "open", "at")
    list_display_links = ("number",)
    list_filter = ("provider",)
    list_select_related = ()
    actions_list = ("run_now",)
    inlines = (DifferenceInline,)
    fields = (
        ("provider", "shown_state"),
        ("since", "until"),
        ("compared", "repaired"),
        ("open", "who"),
        ("at", "finished"),
        ("error",),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for row in self.fields for name in row]

    def has_run_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("reconciliation.run")

    @action(
        description="Run now",
        permissions=("run",),
        variant=ActionVariant.PRIMARY,
        icon="sync",
        dialog={
            "title": "Compare our books with a provider's",
            "description": "A worker reads the provider's list and repairs what it may; this page then shows the rest.",
            "form_submit_text": "Run now",
            "form_class": RunForm,
        },
    )
    def run_now(self, request: HttpRequest, form: BaseDialogForm) -> HttpResponse:
        given = form.cleaned_data
        try:
            open_run(provider=given["provider"], since=last_days(given["days"]), by=self.actor(request))
        except Refused as refusal:
            messages.error(request, refusal.text)
        else:
            messages.success(request, "The comparison has begun. Look again in a moment.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:payments_reconciliationrun_changelist")})

    @admin.display(description="Run")
    def number(self, run: ReconciliationRun) -> str:
        return str(run.pk)

    @admin.display(description="State")
    def shown_state(self, run: ReconciliationRun) -> SafeString:
        if run.finished_at is None:
            return pill("running", tone="wait")
        if run.error:
            return pill("broken_off", tone="bad")
        return pill("differs", tone="bad") if run.open else pill("agrees", tone="good")

    @admin.display(description="From")
    def since(self, run: ReconciliationRun) -> str:
        return exact(run.window_from)

    @admin.display(description="To")
    def until(self, run: ReconciliationRun) -> str:
        return exact(run.window_to)

    @admin.display(description="Started")
    def at(self, run: ReconciliationRun) -> SafeString:
        return ago(run.started_at)

    @admin.display(description="Finished")
    def finished(self, run: ReconciliationRun) -> SafeString:
        return ago(run.finished_at)

    @admin.display(description="By")
    def who(self, run: ReconciliationRun) -> str:
        return said_of(run.started_by, names_of({run.started_by}))


class StateFilter(admin.SimpleListFilter):
    """What waits for a person; the rest only when asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("repaired", "Repaired"), ("resolved", "Resolved"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [first | {"display": "Open"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.value() == "all" else queryset.filter(state=self.value() or DifferenceState.OPEN)


@admin.register(Difference)
class DifferenceAdmin(WithoutHistory):
    list_display = ("what", "provider", "object", "of_payment", "ours", "theirs", "action", "shown_state", "found")
    list_display_links = ("what",)
    list_filter = (StateFilter, "kind", "run__provider")
    list_select_related = ("run",)
    search_fields = ("reference", "payment__order__number")
    search_help_text = "The provider's id, or order"
    actions_row = actions_detail = ("resolve",)
    fields = (
        ("what", "shown_state"),
        ("provider", "object"),
        ("payment_reference", "of_payment"),
        ("ours", "theirs"),
        ("action",),
        ("found", "resolved_at"),
        ("who", "resolution"),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for row in self.fields for name in row]

    def has_resolve_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        if not request.user.has_perm("payments.change_difference"):
            return False
        return object_id is None or Difference.objects.filter(pk=object_id, state=DifferenceState.OPEN).exists()

    @action(
        description="Resolve",
        permissions=("resolve",),
        variant=ActionVariant.PRIMARY,
        icon="task_alt",
        dialog={
            "title": "Resolve this difference",
            "description": "It stays resolved while both books say what they say now.",
            "form_submit_text": "Resolve",
            "form_class": ResolveForm,
        },
    )
    def resolve(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        try:
            resolve_difference(
                difference_id=int(object_id), resolution=form.cleaned_data["resolution"], by=self.actor(request)
            )
        except Refused as refusal:
            messages.error(request, refusal.text)
        else:
            messages.success(request, "The difference is resolved.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:payments_difference_changelist")})

    @admin.display(description="Difference")
    def what(self, difference: Difference) -> str:
        return words(difference.kind)

    @admin.display(description="Provider")
    def provider(self, difference: Difference) -> str:
        return difference.run.get_provider_display()

    @admin.display(description="Object")
    def object(self, difference: Difference) -> SafeString:
        return format_html('{} <span class="wb-code">{}</span>', difference.object_type, difference.reference)

    @admin.display(description="Payment")
    def of_payment(self, difference: Difference) -> SafeString:
        return payment_link(difference)

    @admin.display(description="State")
    def shown_state(self, difference: Difference) -> SafeString:
        return pill(difference.state, tone=TONES[difference.state])

    @admin.display(description="Found")
    def found(self, difference: Difference) -> SafeString:
        return ago(difference.run.started_at)

    @admin.display(description="By")
    def who(self, difference: Difference) -> str:
        return said_of(difference.resolved_by, names_of({difference.resolved_by})) if difference.resolved_by else ""
