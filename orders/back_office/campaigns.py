"""What is typed about campaigns and codes."""

from collections.abc import Iterator
from typing import Any

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from catalog.back_office.discounts import DiscountForm
from kernel.errors import FieldProblem
from orders.codes.checks import AMOUNTS, LONGEST_CODE, MOST_USES, OWN, campaign_problems, code_problems, overtaken
from orders.codes.making import LONGEST, LONGEST_PREFIX, MOST_AT_ONCE, SHORTEST, USUAL
from orders.codes.reading import normal_code
from orders.codes.services import NewCode
from orders.models import DiscountCampaign, DiscountCode

BUY_GET = ("buy_x_get_y",)
NO_LIMIT = "Empty: any number."


def code_field(**kwargs: Any) -> forms.CharField:
    return forms.CharField(
        max_length=LONGEST_CODE,
        widget=UnfoldAdminTextInputWidget,
        help_text="Letters A to Z, digits, - and _, such as SPRING-10.",
        **kwargs,
    )


def count_field(label: str, *, most: int = MOST_USES, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=most, widget=UnfoldAdminIntegerFieldWidget, **kwargs)


def limit_field(**kwargs: Any) -> forms.IntegerField:
    return count_field("Orders it may be used in", required=False, help_text=NO_LIMIT, **kwargs)


class CampaignForm(DiscountForm):
    """A campaign's page; a new one starts with a code, perhaps."""

    OWN = OWN
    AMOUNTS = AMOUNTS
    ONLY = {
        "percent": ("percent", "buy_x_get_y"),
        "amount": ("fixed",),
        "cap": ("percent",),
        **dict.fromkeys(
            ("buy_quantity", "get_quantity", "max_times", "get_skus", "get_categories", "get_tags"), BUY_GET
        ),
    }

    code = code_field(required=False)
    code_limit = limit_field()

    class Meta:
        model = DiscountCampaign
        fields = (
            *("name", "kind", "active", "percent", "amount", "currency", "applies_to", "cap", "minimum_spend"),
            *("skus", "tags", "buy_quantity", "get_quantity", "get_skus", "get_tags", "max_times"),
            *("first_order_only", "limit_per_customer", "combines", "budget", "starts_at", "ends_at"),
        )

    def problems(self, draft: DiscountCampaign) -> Iterator[FieldProblem]:
        found = list(campaign_problems(draft))
        yield from found
        if draft.pk and not found:
            before = {name: self.initial.get(name) for name in ("currency", "limit_per_customer")}
            yield from overtaken(draft, before | {"currency": before["currency"] or ""})
        for new in self.new_codes():
            code = DiscountCode(code=normal_code(new.code), limit=new.limit)
            yield from code_problems(code)
            if DiscountCode.objects.filter(code=code.code).exists():
                yield FieldProblem("code", "code_taken", "There is a discount code of this name.")

    def new_codes(self) -> list[NewCode]:
        """The code that was typed beside the terms."""
        code = self.cleaned_data.get("code")
        return [NewCode(code, self.cleaned_data.get("code_limit"))] if code else []


def asked(form: BaseDialogForm) -> dict[str, Any]:
    """The answers, without the window's own fields."""
    return {name: value for name, value in form.cleaned_data.items() if not name.startswith("_")}


class AddCodeForm(BaseDialogForm):
    code = code_field()
    limit = limit_field()


class MakeCodesForm(BaseDialogForm):
    count = count_field("How many", most=MOST_AT_ONCE, initial=100)
    prefix = forms.CharField(
        required=False,
        max_length=LONGEST_PREFIX,
        widget=UnfoldAdminTextInputWidget,
        help_text="What each begins with, such as SPRING-.",
    )
    length = forms.IntegerField(
        label="Characters after it",
        min_value=SHORTEST,
        max_value=LONGEST,
        initial=USUAL,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    limit = limit_field(initial=1)


class LimitForm(BaseDialogForm):
    limit = limit_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = DiscountCode.objects.filter(pk=self.object_id).first()
        if row is not None:
            self.fields["limit"].initial = row.limit
