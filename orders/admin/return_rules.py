"""The rules of returns: what may come back, until when, at whose cost."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.admin import TabularInline

from audit.admin import BackOfficeAdmin
from orders.back_office.display import pill
from orders.models import ReturnRule, ReturnTerm


class ReturnTermInline(TabularInline):
    """One row for each reason that is not treated as usual."""

    model = ReturnTerm
    extra = 0
    max_num = 5
    tab = False


@admin.register(ReturnRule)
class ReturnRuleAdmin(BackOfficeAdmin):
    """The nearest rule alone holds: of the product, of its category, of the shop."""

    list_display = ("name", "what_for", "days", "state")
    list_select_related = ("product", "category")
    autocomplete_fields = ("product", "category")
    search_fields = ("name", "product__sku")
    search_help_text = "Name, or the SKU of the product"
    how_to_fill = "Without a rule everything can come back for SHOP_RETURN_DAYS days, without a fee."
    inlines = (ReturnTermInline,)
    fieldsets = (
        (None, {"fields": ("name", ("product", "category")), "description": "Neither: for the whole shop."}),
        ("Until when", {"fields": (("returnable", "window_days"),)}),
        ("Without a person", {"fields": (("auto_approve_up_to", "currency"),)}),
    )

    @admin.display(description="For")
    def what_for(self, rule: ReturnRule) -> Any:
        return rule.product or rule.category or "The whole shop"

    @admin.display(description="Days", ordering="window_days")
    def days(self, rule: ReturnRule) -> int:
        return rule.window_days

    @admin.display(description="Status")
    def state(self, rule: ReturnRule) -> SafeString:
        return pill("returnable" if rule.returnable else "not_returnable", tone="good" if rule.returnable else "bad")
