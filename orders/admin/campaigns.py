"""Campaigns: the terms of codes, and how far these have been used."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.enums import ActionVariant

from accounts.admin import VerbsAdmin as AskingAdmin
from accounts.admin import ask
from api.actors import Actor
from catalog.back_office.discount_states import StateFilter
from catalog.back_office.verbs import VerbsAdmin as SavingAdmin
from catalog.models import Category
from kernel.errors import Refused
from kernel.ids import row_id
from kernel.tables import to_csv
from orders.admin.codes import TONES, list_of
from orders.back_office.campaigns import AddCodeForm, CampaignForm, MakeCodesForm, asked
from orders.back_office.display import ago, money, pill
from orders.back_office.try_it import try_view
from orders.codes import words
from orders.codes.reading import normal_code
from orders.codes.services import add_code, create_campaign, create_codes, update_campaign
from orders.models import DiscountCampaign, DiscountCode

COLUMNS = ("code", "limit", "uses", "active", "created_at")


@admin.register(DiscountCampaign)
class CampaignAdmin(SavingAdmin, AskingAdmin):
    """Terms are typed; codes are made, and what they have given is counted by the orders."""

    form = CampaignForm
    list_display = ("title", "gives", "state", "number_of_codes", "used", "given", "per_customer", "until")
    list_display_links = ("title",)
    list_filter = (StateFilter, "kind")
    search_fields = ("name",)
    search_help_text = "Name of the campaign, or a whole code"
    ordering = ("-id",)
    sortable_by = ()
    change_form_outer_after_template = "admin/prices/try_campaign.html"
    actions = ("switch_on", "switch_off")
    actions_detail = ("see_codes", "make_codes", "add_code", "download")
    readonly_fields = ("gives", "state", "number_of_codes", "used", "given", "goods", "until", "per_customer")
    conditional_fields = {
        name: " || ".join(f"kind == '{kind}'" for kind in kinds) for name, kinds in CampaignForm.ONLY.items()
    } | {"applies_to": "kind == 'percent' || kind == 'fixed'"}
    terms = (
        ("What it gives", {"fields": (
            ("kind", "currency"), ("percent", "amount"), ("cap", "applies_to"), ("buy_quantity", "get_quantity"),
            "max_times",
        )}),
        ("For which goods", {"fields": (("categories", "tags"), "skus", ("get_categories", "get_tags"), "get_skus")}),
        ("Who may use it, and how often", {"fields": (
            ("minimum_spend", "limit_per_customer"), ("first_order_only", "combines"), "budget",
        )}),
        ("When", {"fields": ("starts_at", "ends_at")}),
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": (("name", "active"), ("state", "used"), ("number_of_codes", "given"), "seen")}),
        *terms,
    )
    entered = ((None, {"fields": (("name", "active"), ("code", "code_limit"))}), *terms)
    looked_at = (
        (None, {"fields": (("name", "state"), ("gives", "goods"), ("number_of_codes", "used"), ("given", "until"),
                           ("per_customer", "combines"))}),
    )  # fmt: skip

    # What is seen

    def get_queryset(self, request: HttpRequest) -> QuerySet[DiscountCampaign]:
        codes = DiscountCode.objects.filter(campaign=OuterRef("pk")).order_by().values("campaign")
        return DiscountCampaign.objects.annotate(
            codes_there=Coalesce(Subquery(codes.values(n=Count("pk"))), 0),
            uses_there=Coalesce(Subquery(codes.values(n=Sum("uses"))), 0),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DiscountCampaign], search_term: str
    ) -> tuple[QuerySet[DiscountCampaign], bool]:
        typed = search_term.strip()
        if not typed:
            return queryset, False
        coded = DiscountCode.objects.filter(code=normal_code(typed)).values("campaign")
        return queryset.filter(Q(pk__in=coded) | Q(name__icontains=typed)), False

    def get_fieldsets(self, request: HttpRequest, obj: DiscountCampaign | None = None) -> Any:
        if not self.has_change_permission(request, obj):
            return self.looked_at
        return self.fieldsets if obj else self.entered

    @admin.display(description="Campaign")
    def title(self, campaign: DiscountCampaign) -> str:
        return campaign.name

    @admin.display(description="Gives")
    def gives(self, campaign: DiscountCampaign) -> str:
        return words.gives(campaign)

    @admin.display(description="Status")
    def state(self, campaign: DiscountCampaign) -> SafeString:
        found = words.state(campaign, timezone.now())
        return pill(found, tone=TONES[found])

    @admin.display(description="Codes")
    def number_of_codes(self, campaign: Any) -> SafeString:
        return format_html('<a class="wb-link" href="{}">{}</a>', list_of(campaign), f"{campaign.codes_there:,}")

    @admin.display(description="Used")
    def used(self, campaign: Any) -> str:
        return f"{campaign.uses_there:,} {'order' if campaign.uses_there == 1 else 'orders'}"

    @admin.display(description="Given so far")
    def given(self, campaign: DiscountCampaign) -> SafeString:
        if not campaign.currency:  # sums of several currencies say nothing
            return SafeString('<span class="wb-subtle">–</span>')
        spent = format_html('<span class="wb-amount">{}</span>', money(campaign.spent, campaign.currency))
        if campaign.budget is None:
            return spent
        of = money(campaign.budget, campaign.currency)
        part = int(100 * campaign.spent / campaign.budget)
        return format_html(
            '{} <span class="wb-subtle">of {}</span><span class="wb-budget" role="img" aria-label="{} %">'
            '<span style="width:{}%"></span></span>',
            *(spent, of, part, part),
        )

    @admin.display(description="Per customer")
    def per_customer(self, campaign: DiscountCampaign) -> str:
        return "Any number" if campaign.limit_per_customer is None else f"{campaign.limit_per_customer:,}"

    @admin.display(description="Until")
    def until(self, campaign: DiscountCampaign) -> SafeString:
        return ago(campaign.ends_at) or SafeString('<span class="wb-subtle">–</span>')

    @admin.display(description="For")
    def goods(self, campaign: DiscountCampaign) -> str:
        names = Category.objects.filter(pk__in=campaign.category_ids).values_list("name", flat=True)
        return ", ".join([*names, *campaign.skus, *campaign.tags]) or "All goods"

    # What is done

    def save_model(self, request: HttpRequest, obj: DiscountCampaign, form: ModelForm, change: bool) -> None:
        assert isinstance(form, CampaignForm)
        by, fields = self.actor(request), form.discount_fields()
        if change:
            saved = update_campaign(campaign_id=obj.pk, fields=fields, by=by)
        else:
            saved = create_campaign(fields=fields, codes=form.new_codes(), by=by)
        obj.pk, obj.version = saved.pk, saved.version

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # orders remember it: switching it off is the way

    @action(description="Switch on", permissions=("change",))
    def switch_on(self, request: HttpRequest, queryset: QuerySet[DiscountCampaign]) -> None:
        self.switch(request, queryset, active=True)

    @action(description="Switch off", permissions=("change",))
    def switch_off(self, request: HttpRequest, queryset: QuerySet[DiscountCampaign]) -> None:
        self.switch(request, queryset, active=False)

    def switch(self, request: HttpRequest, queryset: QuerySet[DiscountCampaign], *, active: bool) -> None:
        by = self.actor(request)
        self.try_each(
            request, queryset, lambda row: update_campaign(campaign_id=row.pk, fields={"active": active}, by=by)
        )

    @action(description="See its codes")
    def see_codes(self, request: HttpRequest, object_id: str) -> HttpResponse:
        campaign = self.shown(request, object_id)
        if campaign is None:
            raise Http404
        return redirect(list_of(campaign))

    @action(
        description="Make codes",
        permissions=("change",),
        variant=ActionVariant.PRIMARY,
        dialog=ask("Make codes", "Drawn by chance, so that nobody guesses one.", form_class=MakeCodesForm),
    )
    def make_codes(self, request: HttpRequest, form: MakeCodesForm, object_id: str) -> HttpResponse:
        newest = DiscountCode.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        try:
            codes = create_codes(campaign_id=int(object_id), **asked(form), by=self.actor(request))
        except Refused as refusal:
            return render(request, "admin/orders/discountcampaign/made.html", {"refusal": refusal.text})
        address = f"{reverse('admin:orders_discountcampaign_csv', args=(object_id,))}?after={newest}"
        context = {"codes": codes[:20], "count": len(codes), "address": address}
        return render(request, "admin/orders/discountcampaign/made.html", context)

    @action(
        description="Add a code",
        permissions=("change",),
        dialog=ask("Add a code", "One more code for the same terms.", form_class=AddCodeForm),
    )
    def add_code(self, request: HttpRequest, form: AddCodeForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> DiscountCode:
            return add_code(campaign_id=int(object_id), **asked(form), by=by)

        code = normal_code(form.cleaned_data["code"])
        return self.run(request, verb, done=f"{code} is added.", object_id=object_id)

    @action(description="Download its codes", permissions=("change",))
    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:orders_discountcampaign_csv", object_id=object_id)

    def get_urls(self) -> list[URLPattern]:
        csv, trial = self.admin_site.admin_view(self.csv_view), self.admin_site.admin_view(try_view)
        return [
            path("<int:object_id>/codes.csv", csv, name="orders_discountcampaign_csv"),
            path("try/<slug:what>/", trial, name="orders_discountcampaign_try"),
            *super().get_urls(),
        ]

    def csv_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The codes of a campaign, those made `after` another alone."""
        if not self.has_change_permission(request):
            raise Http404
        after = request.GET.get("after", "0")
        found = DiscountCode.objects.filter(campaign=object_id, pk__gt=row_id(after) or 0)
        body = to_csv(COLUMNS, found.order_by("code").values(*COLUMNS))
        headers = {"Content-Disposition": f'attachment; filename="codes-{object_id}.csv"', "Cache-Control": "no-store"}
        return HttpResponse(body, content_type="text/csv; charset=utf-8", headers=headers)
