"""What is typed about automatic rules."""

from collections.abc import Iterable
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelect2MultipleWidget, UnfoldAdminTextareaWidget

from accounts.models import CustomerGroup
from catalog.back_office.discounts import DiscountForm
from catalog.discounts.checks import rule_problems
from catalog.discounts.serializers import plain
from catalog.discounts.services import OWN
from catalog.models import DiscountRule
from kernel.errors import FieldProblem

BUY_GET = ("buy_x_get_y",)


class TiersField(forms.CharField):
    """A quantity and a percentage a line, such as `10: 5`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "placeholder": "10: 5"}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{tier['from']}: {tier['percent']}" for tier in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        tiers = []
        for line in filter(None, (line.strip() for line in (value or "").splitlines())):
            start, colon, percent = (part.strip().removesuffix("%").strip() for part in line.partition(":"))
            if not colon or not start.isdecimal() or len(start) > 9:
                raise forms.ValidationError("A quantity, a colon and a percentage on each line, such as “10: 5”.")
            tiers.append({"from": int(start), "percent": self.number(percent)})
        return tiers

    def number(self, text: str) -> str:
        return plain(forms.DecimalField(max_digits=7, decimal_places=4).clean(text))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool((initial or []) != self.to_python(data))
        except forms.ValidationError:
            return True


class GroupsField(forms.MultipleChoiceField):
    """Customer groups by name; their codes are kept."""

    widget = UnfoldAdminSelect2MultipleWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=groups, required=False, **kwargs)


def groups() -> list[tuple[str, str]]:
    return list(CustomerGroup.objects.values_list("code", "name"))


class RuleForm(DiscountForm):
    OWN = OWN
    ONLY = {
        "percent": ("percent", "buy_x_get_y"),
        "amount": ("fixed_off", "fixed_price"),
        "tiers": ("tiers",),
        **dict.fromkeys(
            ("buy_quantity", "get_quantity", "max_times", "get_skus", "get_categories", "get_tags"), BUY_GET
        ),
    }

    tiers = TiersField(
        required=False,
        label="Percent by quantity",
        help_text="One a line: from how many units, how many percent, such as “10: 5”.",
    )
    groups = GroupsField(help_text="None chosen: everybody.")

    class Meta:
        model = DiscountRule
        fields = (
            *("name", "kind", "active", "percent", "amount", "currency", "skus", "tags", "tiers", "groups"),
            *("buy_quantity", "get_quantity", "get_skus", "get_tags", "max_times"),
            *("lane", "priority", "exclusive", "starts_at", "ends_at"),
        )

    def problems(self, draft: DiscountRule) -> Iterable[FieldProblem]:
        return rule_problems(draft)

    def _forget_hidden(self, cleaned: dict[str, Any]) -> None:
        super()._forget_hidden(cleaned)
        if cleaned.get("tiers") is None:
            cleaned["tiers"] = []
