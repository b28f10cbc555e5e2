"""The back office of automatic rules and price lists."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.admin import ask
from audit.admin import ReadOnlyAdmin
from catalog.back_office.discount_states import StateFilter
from catalog.back_office.verbs import VerbsAdmin
from catalog.discounts import words
from catalog.discounts.office import RuleForm
from catalog.discounts.prices import delete_price_list, save_pasted, save_price_list
from catalog.discounts.services import create_rule, delete_rule, update_rule
from catalog.models import DiscountRule, ListPrice, PriceList
from kernel.errors import Refused
from kernel.money import CURRENCIES, format_amount

SAID_REFUSALS = 20
LABELS = {words.RUNNING: "success", words.WAITING: "info", words.ENDED: "warning", words.OFF: "danger"}


@admin.register(DiscountRule)
class RuleAdmin(VerbsAdmin):
    """Discounts that need no code, in the order in which they are taken off."""

    form = RuleForm
    list_display = ("name", "gives", "goods", "for_whom", "place", "state")
    list_filter = (StateFilter, "kind")
    search_fields = ("name",)
    search_help_text = "Name of the rule"
    ordering = ("lane", "priority", "id")
    sortable_by = ()
    change_form_outer_after_template = "admin/prices/try_rule.html"
    actions = ("switch_on", "switch_off")
    readonly_fields = ("gives", "state", "goods", "for_whom", "place")
    conditional_fields = {
        name: " || ".join(f"kind == '{kind}'" for kind in kinds) for name, kinds in RuleForm.ONLY.items()
    }
    fieldsets = (
        (None, {"fields": (("name", "active"), "seen")}),
        ("What it gives", {"fields": (
            ("kind", "currency"), "percent", "amount", "tiers", ("buy_quantity", "get_quantity"), "max_times",
        )}),
        ("For which goods", {"fields": (("categories", "tags"), "skus", ("get_categories", "get_tags"), "get_skus")}),
        ("For whom and when", {"fields": ("groups", "starts_at", "ends_at")}),
        ("Beside other rules", {
            "fields": (("lane", "priority"), "exclusive"),
            "description": "Lanes follow each other, each on what the one before has left. Within a lane the lowest "
            "priority comes first; an exclusive rule only takes what no rule of its lane has touched, and closes it.",
        }),
    )  # fmt: skip
    looked_at = ((None, {"fields": (("name", "state"), ("gives", "goods"), ("for_whom", "place"))}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DiscountRule]:
        return words.with_category_names(super().get_queryset(request))

    def get_fieldsets(self, request: HttpRequest, obj: DiscountRule | None = None) -> Any:
        return self.fieldsets if self.has_change_permission(request, obj) else self.looked_at

    @display(description="Gives")
    def gives(self, rule: DiscountRule) -> str:
        return words.gives(rule)

    @display(description="On")
    def goods(self, rule: DiscountRule) -> str:
        return words.goods(rule)

    @display(description="For")
    def for_whom(self, rule: DiscountRule) -> str:
        return ", ".join(rule.groups) or "Everybody"

    @display(description="Lane, priority")
    def place(self, rule: DiscountRule) -> str:
        return f"{rule.lane}, {rule.priority}{' exclusive' if rule.exclusive else ''}"

    @display(description="Status", label=LABELS)
    def state(self, rule: DiscountRule) -> str:
        return words.state(rule, timezone.now())

    def save_model(self, request: HttpRequest, obj: DiscountRule, form: ModelForm, change: bool) -> None:
        assert isinstance(form, RuleForm)
        by, fields = self.actor(request), form.discount_fields()
        saved = update_rule(rule_id=obj.pk, fields=fields, by=by) if change else create_rule(fields=fields, by=by)
        obj.pk, obj.version = saved.pk, saved.version

    def delete_model(self, request: HttpRequest, obj: DiscountRule) -> None:
        delete_rule(rule_id=obj.pk, by=self.actor(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # One at a time, on its own page.
        return obj is not None and super().has_delete_permission(request, obj)

    @action(description="Switch on", permissions=("change",))
    def switch_on(self, request: HttpRequest, queryset: QuerySet[DiscountRule]) -> None:
        self.switch(request, queryset, active=True)

    @action(description="Switch off", permissions=("change",))
    def switch_off(self, request: HttpRequest, queryset: QuerySet[DiscountRule]) -> None:
        self.switch(request, queryset, active=False)

    def switch(self, request: HttpRequest, queryset: QuerySet[DiscountRule], *, active: bool) -> None:
        by = self.actor(request)
        self.try_each(request, queryset, lambda row: update_rule(rule_id=row.pk, fields={"active": active}, by=by))


class PriceListForm(forms.ModelForm):
    class Meta:
        model = PriceList
        fields = ("currency", "name", "includes_tax", "active")

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).upper()
        if code not in CURRENCIES:
            raise forms.ValidationError("An ISO 4217 currency code, such as USD.")
        return code


class PasteForm(BaseDialogForm):
    """A list of prices, one product a line."""

    prices = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 10, "placeholder": "MUG-BLUE; 14.50; 12.00"}),
        help_text="SKU; price; sale price, as a spreadsheet gives them. An empty price takes the product off the list.",
    )


@admin.register(PriceList)
class PriceListAdmin(VerbsAdmin):
    """One list a currency."""

    form = PriceListForm
    list_display = ("currency", "name", "includes_tax", "active", "number")
    fields = (("currency", "name"), ("includes_tax", "active"))
    ordering = ("currency",)
    actions = None
    actions_detail = ("paste",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PriceList]:
        return PriceList.objects.annotate(there=Count("prices"))

    def get_readonly_fields(self, request: HttpRequest, obj: PriceList | None = None) -> tuple[str, ...]:
        return ("currency",) if obj else ()

    @display(description="Prices", ordering="there")
    def number(self, row: Any) -> str:
        return f"{row.there:,}"

    def save_model(self, request: HttpRequest, obj: PriceList, form: ModelForm, change: bool) -> None:
        fields = {name: getattr(obj, name) for name in ("currency", "name", "includes_tax", "active")}
        obj.pk = save_price_list(list_id=obj.pk if change else None, fields=fields, by=self.actor(request)).pk

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """The list goes with its prices, which are counted and not named one by one."""
        lists = list(objs)
        number = ListPrice.objects.filter(price_list__in=lists).count()
        return [str(each) for each in lists], {"price lists": len(lists), "prices": number}, set(), []

    def delete_model(self, request: HttpRequest, obj: PriceList) -> None:
        delete_price_list(list_id=obj.pk, by=self.actor(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and super().has_delete_permission(request, obj)

    @action(
        description="Enter prices",
        permissions=("change",),
        dialog=ask("Enter prices", "Each line is taken or refused on its own.", form_class=PasteForm),
    )
    def paste(self, request: HttpRequest, form: PasteForm, object_id: str) -> HttpResponse:
        try:
            results = save_pasted(list_id=int(object_id), text=form.cleaned_data["prices"], by=self.actor(request))
        except Refused as refusal:
            results = []
            messages.error(request, refusal.text)
        refused = [result for result in results if result.refusal]
        for line in refused[:SAID_REFUSALS]:
            messages.error(request, f"Line {line.number}, {line.sku}: {line.refusal}")
        if (more := len(refused) - SAID_REFUSALS) > 0:
            messages.error(request, f"And {more} more. Correct these lines and paste all of them again.")
        if results:
            messages.success(request, f"{len(results) - len(refused)} of {len(results)} lines taken.")
        page = reverse("admin:catalog_pricelist_change", args=(object_id,))
        return HttpResponse(headers={"HX-Redirect": page})


@admin.register(ListPrice)
class ListPriceAdmin(ReadOnlyAdmin):
    """What products cost in other currencies than their own."""

    list_display = ("sku", "name", "asked", "sale")
    list_filter = ("price_list",)
    list_select_related = ("product", "price_list")
    search_fields = ("product__sku__istartswith",)
    search_help_text = "Beginning of a SKU"
    ordering = ("-id",)

    @display(description="SKU")
    def sku(self, row: ListPrice) -> str:
        return row.product.sku

    @display(description="Name")
    def name(self, row: ListPrice) -> str:
        return row.product.name

    @display(description="Price")
    def asked(self, row: ListPrice) -> SafeString:
        return _amount(row, row.price)

    @display(description="Sale price")
    def sale(self, row: ListPrice) -> SafeString:
        return _amount(row, row.sale_price)


def _amount(row: ListPrice, amount: Any) -> SafeString:
    if amount is None:
        return SafeString("")
    currency = row.price_list.currency
    return format_html("{}\N{NO-BREAK SPACE}{}", format_amount(amount, currency), currency)
