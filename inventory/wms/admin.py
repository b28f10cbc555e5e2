"""The WMS in the back office: runs with what they found, and the numbers that wait for a person."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget

from audit.admin.pills import pill
from audit.admin.rows import said_of
from audit.names import names_of
from inventory.back_office.display import signed, unbroken, when
from inventory.back_office.own import OwnRowsAdmin
from inventory.wms import quarantine
from inventory.wms.admin_parts import WaitingFilter, WithoutHistory, each_by_itself
from inventory.wms.approving import ask_to_approve
from inventory.wms.links import link_named, links
from inventory.wms.models import WmsDifference, WmsRun
from inventory.wms.runs import open_run
from inventory.wms.states import DifferenceState, RunKind, Why
from kernel.errors import Refused

TONES = {"applied": "good", "approved": "good", "refused": "wait", "quarantined": "bad"}


def difference_pill(difference: WmsDifference) -> SafeString:
    return pill(difference.get_state_display(), TONES.get(difference.state, "plain"))


class RunForm(BaseDialogForm):
    """Which WMS, and how much of it."""

    link = forms.ChoiceField(label="WMS", widget=UnfoldAdminSelectWidget)
    kind = forms.ChoiceField(label="Ask for", choices=RunKind.choices, widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        link: Any = self.fields["link"]
        link.choices = [(name, f"{name}: {', '.join(found.warehouses.values())}") for name, found in links().items()]


class DifferenceInline(TabularInline):
    """What the run found, of the warehouses that the person sees."""

    model = WmsDifference
    verbose_name_plural = "Differences"
    extra = 0
    max_num = 0
    can_delete = False
    hide_title = True
    per_page = 50
    show_change_link = True
    fields = readonly_fields = (
        "sku",
        "code",
        "theirs",
        "ours",
        "since",
        "target",
        "reserved",
        "pending",
        "shown_state",
    )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[WmsDifference]:
        return super().get_queryset(request).visible_to(request.user).order_by("-state", "id")

    @display(description="State")
    def shown_state(self, difference: WmsDifference) -> SafeString:
        return difference_pill(difference)


@admin.register(WmsRun)
class WmsRunAdmin(WithoutHistory):
    list_display = ("number", "link", "asked_for", "shown_state", "rows", "changed", "refused", "quarantined", "lag",
                    "at", "took")  # fmt: skip
    list_display_links = ("number",)
    list_filter = ("link", "kind")
    actions_list = ("run_now",)
    how_to_fill = "A worker asks by itself where WMS_LINKS names a WMS; Run now asks at once."
    inlines = (DifferenceInline,)
    fields = (
        ("link", "asked_for"),
        ("shown_state", "lag"),
        ("rows", "changed"),
        ("refused", "quarantined"),
        ("tolerance",),
        ("at", "took"),
        ("who", "error"),
    )

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        found = obj is not None and WmsDifference.objects.visible_to(request.user).filter(run=obj).exists()
        return self.inlines if found else ()

    def has_run_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return bool(links()) and request.user.has_perm("inventory.view_wmsrun")

    @action(
        description="Run now",
        permissions=("run",),
        variant=ActionVariant.PRIMARY,
        icon="sync",
        dialog={
            "title": "Ask a WMS what lies there",
            "description": "A worker asks; numbers within tolerance are taken over, others wait for a person.",
            "form_submit_text": "Run now",
            "form_class": RunForm,
        },
    )
    def run_now(self, request: HttpRequest, form: BaseDialogForm) -> HttpResponse:
        given = form.cleaned_data
        try:
            link_named(given["link"], caller=request.user)
            open_run(link=given["link"], kind=given["kind"], by=self.actor(request))
        except Refused as refusal:
            messages.error(request, refusal.text)
            return self.back()
        return self.told(request, "The WMS is being asked. Look again in a moment.")

    @display(description="Run")
    def number(self, run: WmsRun) -> str:
        return str(run.pk)

    @display(description="Asked for")
    def asked_for(self, run: WmsRun) -> str:
        return run.get_kind_display()

    @display(description="State")
    def shown_state(self, run: WmsRun) -> SafeString:
        if run.finished_at is None:
            return pill("Running", "move")
        if run.error:
            return pill("Broke off", "bad")
        return pill("Numbers wait", "wait") if run.quarantined else pill("Done", "good")

    @display(description="Lag")
    def lag(self, run: WmsRun) -> SafeString | str:
        return "" if run.lag_seconds is None else unbroken(f"{run.lag_seconds:,} s")

    @display(description="Believed within")
    def tolerance(self, run: WmsRun) -> str:
        if run.tolerance_units is None:
            return ""
        return (
            f"A drop of {run.tolerance_units:,} units or {run.tolerance_percent} %, whichever is more;"
            f" a rise of {run.rise_units:,} units."
        )

    @display(description="Started")
    def at(self, run: WmsRun) -> SafeString:
        return when(run.started_at)

    @display(description="Took")
    def took(self, run: WmsRun) -> SafeString | str:
        return unbroken(f"{(run.finished_at - run.started_at).total_seconds():.1f} s") if run.finished_at else ""

    @display(description="By")
    def who(self, run: WmsRun) -> str:
        return said_of(run.started_by, names_of({run.started_by}))


@admin.register(WmsDifference)
class WmsDifferenceAdmin(OwnRowsAdmin, WithoutHistory):
    """The quarantine: what the WMS says beside what we say, and what to do about it."""

    list_display = ("sku", "code", "theirs", "ours", "moved", "target", "reserved", "pending", "why_not", "counted",
                    "shown_state")  # fmt: skip
    list_filter = (WaitingFilter, "why", "link")
    search_fields = ("=sku",)
    search_help_text = "SKU, exactly"
    how_to_fill = "No number waits for a person. Runs lists what was asked, Filters what was decided."
    actions = ("ignore_selected",)
    actions_row = actions_detail = ("approve", "ignore", "replay")
    fields = (
        ("sku", "code"),
        ("theirs", "ours"),
        ("counted", "moved"),
        ("target", "link"),
        ("reserved", "pending"),
        ("shown_state", "why_not"),
        ("found", "decided"),
        ("who",),
    )

    def has_approve_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.may(request, object_id, [DifferenceState.QUARANTINED])

    def has_replay_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.may(request, object_id, quarantine.JUDGED_AGAIN)

    @action(description="Approve", permissions=("approve",), variant=ActionVariant.PRIMARY, icon="task_alt")
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        difference = self.get_object(request, object_id)
        if difference is None:
            raise Http404
        return ask_to_approve(request, difference, by=self.actor(request))

    @action(
        description="Ignore",
        permissions=("approve",),
        icon="block",
        dialog={
            "title": "Ignore this number",
            "description": "Ours stays. It does not wait again while both sides say the same.",
            "form_submit_text": "Ignore",
        },
    )
    def ignore(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        try:
            quarantine.ignore(difference_id=int(object_id), by=self.actor(request))
        except Refused as refusal:
            messages.error(request, refusal.text)
            return self.back(object_id)
        return self.told(request, "Our number stays.")

    @action(
        description="Judge anew",
        permissions=("replay",),
        icon="replay",
        dialog={
            "title": "Judge this number anew",
            "description": "By the tolerance and the goods of now, such as an item that was made since.",
            "form_submit_text": "Judge anew",
        },
    )
    def replay(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        try:
            found = quarantine.replay(difference_id=int(object_id), by=self.actor(request))
        except Refused as refusal:
            messages.error(request, refusal.text)
            return self.back(object_id)
        return self.told(request, f"Judged anew: {found.get_state_display().lower()}.", found.pk)

    @admin.action(description="Ignore those that wait", permissions=["approve"])
    def ignore_selected(self, request: HttpRequest, queryset: QuerySet[WmsDifference]) -> None:
        each_by_itself(
            request, queryset, lambda row: quarantine.ignore(difference_id=row.pk, by=self.actor(request)), "left alone"
        )

    @display(description="Since then")
    def moved(self, difference: WmsDifference) -> SafeString | str:
        return signed(difference.since) if difference.since else "0"

    @display(description="Why")
    def why_not(self, difference: WmsDifference) -> str:
        return Why(difference.why).label if difference.why else ""

    @display(description="Counted")
    def counted(self, difference: WmsDifference) -> SafeString:
        return when(difference.as_of)

    @display(description="Found")
    def found(self, difference: WmsDifference) -> SafeString:
        return when(difference.found_at)

    @display(description="Decided")
    def decided(self, difference: WmsDifference) -> SafeString:
        return when(difference.decided_at)

    @display(description="By")
    def who(self, difference: WmsDifference) -> str:
        return said_of(difference.decided_by, names_of({difference.decided_by})) if difference.decided_by else ""

    @display(description="State")
    def shown_state(self, difference: WmsDifference) -> SafeString:
        return difference_pill(difference)
