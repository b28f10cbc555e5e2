"""What is typed about taxes: zones with rates in percent, and why customers are exempt."""

from collections.abc import Iterable, Iterator
from copy import copy
from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.models import BaseInlineFormSet
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import country_choices
from kernel.errors import FieldProblem, Refused
from orders.models import TaxExemption, TaxRate, TaxZone
from orders.tax.services import EXEMPTION, ZONE, assign_exemption, exemption_problems, rate_problems
from orders.zones import AREA, area_problems, assign_area

PATTERNS = "A code such as 10115, the beginning of codes as 75*, or a span as 1000..1999, with commas between them."


class ListField(forms.CharField):
    """Texts with commas between them, or one a line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [part.strip() for part in (value or "").replace("\n", ",").split(",") if part.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != self.to_python(data))


class CheckedForm(forms.ModelForm):
    """Says beside the fields what the service would refuse."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            self.tell(self.problems(copy(self.instance)))
        return cleaned

    def validate_constraints(self) -> None:
        """What the constraints would refuse has been said."""

    def problems(self, draft: Any) -> Iterator[FieldProblem]:
        """What is wrong with the row as it was typed."""
        raise NotImplementedError

    def tell(self, problems: Iterable[FieldProblem]) -> None:
        for problem in problems:
            self.add_error(problem.field if problem.field in self.fields else None, problem.detail)


class TaxZoneForm(CheckedForm):
    countries = forms.MultipleChoiceField(
        choices=country_choices, required=False, widget=UnfoldAdminSelect2MultipleWidget, help_text="None: all."
    )
    regions = ListField(help_text="With commas between them, as addresses write them, such as CA. None: all.")
    postcodes = ListField(label="Postal codes", help_text=f"{PATTERNS} None: all.")
    excluded_postcodes = ListField(label="But not", help_text=PATTERNS)

    class Meta:
        model = TaxZone
        fields = (*AREA, *ZONE)

    def problems(self, draft: TaxZone) -> Iterator[FieldProblem]:
        assign_area(draft, self.zone_fields(), own=ZONE)
        yield from area_problems(draft)

    def zone_fields(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return {name: self.cleaned_data[name] for name in (*AREA, *ZONE) if name in self.cleaned_data}


class TaxRateForm(forms.ModelForm):
    percent = forms.DecimalField(
        label="Percent", max_digits=7, decimal_places=4, min_value=0, max_value=100,
        widget=UnfoldAdminDecimalFieldWidget, help_text="19 is 19 %.",
    )  # fmt: skip

    class Meta:
        model = TaxRate
        fields = ("tax_class", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["percent"] = percent(self.instance.rate)

    def validate_unique(self) -> None:
        """All rows of the zone are looked at together."""

    def validate_constraints(self) -> None:
        """The rate is not a field of this form."""


class TaxRateFormSet(BaseInlineFormSet):
    """The rates of a zone; the service saves them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.new_objects: list[Any] = []
        self.changed_objects: list[Any] = []
        self.deleted_objects: list[Any] = []

    def clean(self) -> None:
        if any(self.errors):
            return
        kept = self.kept()
        for problem in rate_problems([as_rate(form) for form in kept]):
            _, place, name = problem.field.split(".")
            kept[int(place)].add_error("percent" if name == "rate" else name, problem.detail)

    def kept(self) -> list[forms.ModelForm]:
        """The rows that are filled in and not ticked to go."""
        return [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]

    def rates(self) -> list[dict[str, Any]]:
        return [as_rate(form) for form in self.kept()]


def as_rate(form: forms.ModelForm) -> dict[str, Any]:
    given = form.cleaned_data
    return {"tax_class": given["tax_class"], "name": given["name"], "rate": given["percent"] / 100}


def percent(rate: Decimal) -> str:
    """0.19 is `19`."""
    return f"{(rate * 100).normalize() + 0:f}"


class TaxExemptionForm(CheckedForm):
    """The certificate comes in by `upload`; the one that is there is looked at by its own link."""

    upload = forms.FileField(
        label="Certificate", required=False, widget=forms.FileInput, help_text="PDF, JPEG or PNG, at most 10 MB."
    )

    class Meta:
        model = TaxExemption
        fields = tuple(name for name in EXEMPTION if name != "certificate")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].label = "Customer"
        self.fields["country"].required = False
        self.fields["country"].help_text = "Where the certificate is valid. Of a VAT number it follows from the number."

    def problems(self, draft: TaxExemption) -> Iterator[FieldProblem]:
        try:
            assign_exemption(draft, self.exemption_fields())
        except Refused as refusal:
            yield from (FieldProblem("upload", problem.code, problem.detail) for problem in refusal.problems)
            return
        yield from exemption_problems(draft)
        # The country of a VAT number is known only now.
        self.cleaned_data["country"] = draft.country

    def exemption_fields(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        fields = {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.cleaned_data}
        upload: UploadedFile | None = self.cleaned_data.get("upload")
        if upload is not None:
            upload.seek(0)
            fields["certificate"] = upload
        return fields


class BookedAsForm(BaseDialogForm):
    told = forms.CharField(
        label="Its id", max_length=255, widget=UnfoldAdminTextInputWidget, help_text="Of the transaction, as tax_1Na…"
    )
