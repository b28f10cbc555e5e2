"""The prices of a product in other currencies, on its page."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import display

from catalog.back_office import display as shown
from catalog.models import ListPrice
from catalog.services.list_prices import Prices, problems
from kernel.money import CURRENCIES, format_amount


class ListPriceForm(forms.ModelForm):
    """A price on one list, checked as the service checks it."""

    class Meta:
        model = ListPrice
        fields = ("price_list", "price", "sale_price")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            return
        if "price_list" in self.fields:
            self.fields["price_list"].disabled = True  # another list is another price
        currency = self.instance.price_list.currency
        for name in ("price", "sale_price"):
            amount = self.initial.get(name)
            if isinstance(amount, Decimal) and currency in CURRENCIES:
                self.initial[name] = format_amount(amount, currency)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        listed = given.get("price_list")
        if listed is None or self.errors or given.get("DELETE"):
            return given
        amounts = (given.get("price"), given.get("sale_price"))
        for problem in problems(self.instance.product, listed, listed.currency, amounts):
            self.add_error(problem.field if problem.field in self.fields else "price_list", problem.detail)
        return given


class ListPriceInline(TabularInline):
    """What it costs in other currencies than its own; there where the shop keeps price lists."""

    model = ListPrice
    form = ListPriceForm
    fields = ("price_list", "price", "sale_price")
    readonly_fields = ("asked",)
    ordering = ("price_list__currency",)
    extra = 0
    hide_title = True
    verbose_name = "price in another currency"
    verbose_name_plural = "Prices in other currencies"

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "price_list":
            field.widget = field.widget.widget  # lists are kept on their own pages, not in windows above this one
        return field

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListPrice]:
        return super().get_queryset(request).select_related("price_list")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return self.fields if self.has_change_permission(request, obj) else ("price_list", "asked")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return () if self.has_change_permission(request, obj) else self.readonly_fields

    @display(description="Price")
    def asked(self, row: ListPrice) -> SafeString:
        return shown.amounts(row.price, row.sale_price, row.price_list.currency)


def prices_typed(formset: BaseInlineFormSet) -> Prices:
    """What was typed into a saved formset, as the service takes it."""
    rows = [*formset.new_objects, *(row for row, _ in formset.changed_objects)]
    gone = {row.price_list.currency: (None, None) for row in formset.deleted_objects}
    return gone | {row.price_list.currency: (row.price, row.sale_price) for row in rows}
