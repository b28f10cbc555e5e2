"""What is typed about discounts: for automatic rules and for the campaigns of codes."""

from collections.abc import Iterable, Mapping
from copy import copy
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from unfold.widgets import UnfoldAdminSelect2MultipleWidget, UnfoldAdminTextareaWidget

from catalog.back_office.forms import TagsField
from catalog.discounts.fields import CATEGORIES, PLAIN, TAGS, assign
from catalog.models import Category
from kernel.errors import FieldProblem, Refused
from kernel.money import CURRENCIES, format_amount

CHANGED = "Somebody changed it since you opened this page. Open it again."


class SkusField(forms.CharField):
    """SKUs, one a line or with commas between them, as they are pasted or scanned."""

    def __init__(self, **kwargs: Any) -> None:
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 2})
        super().__init__(required=False, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return sorted(set((value or "").replace(",", " ").split()))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != self.to_python(data))


class CategoriesField(forms.ModelMultipleChoiceField):
    """Categories, chosen from the tree."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Category.objects.order_by("path"),
            to_field_name="slug",
            required=False,
            widget=UnfoldAdminSelect2MultipleWidget,
            **kwargs,
        )

    def label_from_instance(self, obj: Category) -> str:
        return f"{'– ' * obj.depth}{obj.name}"


class DiscountForm(forms.ModelForm):
    """The page of a discount. The version it was opened at comes back with it, so that nobody undoes another's work.

    `ONLY` says for which kinds a field is; for others it is not shown, and what was typed into it does not count.
    """

    OWN: ClassVar[tuple[str, ...]] = ()
    AMOUNTS: ClassVar[tuple[str, ...]] = ("amount",)
    ONLY: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    skus = SkusField(
        label="Products", help_text="SKUs. With categories and tags: any of them. Nothing named: all goods."
    )
    categories = CategoriesField(help_text="With all that lies below them.")
    tags = TagsField(required=False, help_text="With commas between them, such as: gift, tea time.")
    get_skus = SkusField(label="Given: products", help_text="SKUs. Nothing named: the same goods as above.")
    get_categories = CategoriesField(label="Given: categories")
    get_tags = TagsField(required=False, label="Given: tags")
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        discount = self.instance
        for name in self.AMOUNTS:
            amount = self.initial.get(name)
            if isinstance(amount, Decimal) and discount.currency in CURRENCIES:
                self.initial[name] = format_amount(amount, discount.currency)
        if discount.percent is not None:
            self.initial["percent"] = f"{discount.percent.normalize():f}"
        for name, column in CATEGORIES.items():
            if ids := getattr(discount, column):
                self.initial[name] = list(Category.objects.filter(pk__in=ids))
        if discount.pk:
            self.initial["seen"] = discount.version

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        seen = cleaned.get("seen")
        if self.instance.pk and seen is not None and seen != self.instance.version:
            raise forms.ValidationError(CHANGED)
        self._forget_hidden(cleaned)
        if not self.errors:
            self._check()
        return cleaned

    def validate_constraints(self) -> None:
        """What the constraints would refuse has been said beside the fields."""

    def _forget_hidden(self, cleaned: dict[str, Any]) -> None:
        kind = cleaned.get("kind", "")
        for name, kinds in self.ONLY.items():
            if kind and kind not in kinds and name in self.fields:
                cleaned[name] = [] if name.startswith("get_") and name != "get_quantity" else None
                self.errors.pop(name, None)

    def _check(self) -> None:
        """What the service would refuse, said beside the field."""
        try:
            draft = self.draft()
        except Refused as refusal:
            self.tell(refusal.problems)
            return
        self.tell(self.problems(draft))

    def draft(self) -> Any:
        """The discount as it was typed, not saved. Raises `Invalid`."""
        draft = copy(self.instance)
        assign(draft, self.discount_fields(), own=self.OWN)
        return draft

    def problems(self, draft: Any) -> Iterable[FieldProblem]:
        """What makes no sense in a discount as it was typed."""
        raise NotImplementedError

    def tell(self, problems: Iterable[FieldProblem]) -> None:
        for problem in problems:
            field = problem.field.partition(".")[0]
            self.add_error(field if field in self.fields else None, problem.detail)

    def discount_fields(self) -> dict[str, Any]:
        """What was typed, as the services take it."""
        given = self.cleaned_data
        fields = {name: given[name] for name in (*PLAIN, *TAGS, *self.OWN) if name in given}
        return fields | {name: [each.slug for each in given[name]] for name in CATEGORIES if name in given}
