"""What is typed about shipping: zones, methods, and prices with their bands as rows."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.conf import settings
from django.forms.models import BaseInlineFormSet
from unfold.widgets import UnfoldAdminSelect2MultipleWidget, UnfoldAdminTextareaWidget

from accounts.models import country_choices
from kernel.errors import FieldProblem
from kernel.money import CURRENCIES, format_amount
from orders.back_office.taxes import CheckedForm, ListField
from orders.delivery.checks import AMOUNTS, band_problems, method_problems, rate_problems
from orders.delivery.services import BandFields, MethodFields, RateFields, ZoneFields, assign_method, assign_rate
from orders.delivery.words import WEIGHT, number
from orders.models import ShippingBand, ShippingMethod, ShippingRate, ShippingZone
from orders.zones import AREA, area_problems, assign_area

PATTERNS = "One a line: a code such as 10115, the beginning of codes as 75*, or a span as 1000..1999."
METHOD = (
    *("code", "name", "position", "active", "cut_off"),
    *("handling_days", "transit_days", "carrier", "carrier_service"),
)
RATE = ("zone", "method", "currency", "basis", *AMOUNTS, "transit_days")
BAND = ("lower", "upper", "price")


class LinesField(ListField):
    """Texts, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget = UnfoldAdminTextareaWidget(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class ShippingZoneForm(CheckedForm):
    countries = forms.MultipleChoiceField(
        choices=country_choices, required=False, widget=UnfoldAdminSelect2MultipleWidget, help_text="None: all."
    )
    regions = LinesField(help_text="One a line, as addresses write them, such as CA. None: all.")
    postcodes = LinesField(label="Postal codes", help_text=f"{PATTERNS} None: all.")
    excluded_postcodes = LinesField(label="But not", help_text=PATTERNS)

    class Meta:
        model = ShippingZone
        fields = AREA

    def problems(self, draft: ShippingZone) -> Iterator[FieldProblem]:
        assign_area(draft, self.zone_fields())
        yield from area_problems(draft)

    def zone_fields(self) -> ZoneFields:
        """What was typed, as the service takes it."""
        return cast(ZoneFields, {name: self.cleaned_data[name] for name in AREA if name in self.cleaned_data})


class ShippingMethodForm(CheckedForm):
    class Meta:
        model = ShippingMethod
        fields = METHOD

    def problems(self, draft: ShippingMethod) -> Iterator[FieldProblem]:
        assign_method(draft, self.method_fields())
        yield from method_problems(draft)

    def method_fields(self) -> MethodFields:
        """What was typed, as the service takes it."""
        return cast(MethodFields, {name: self.cleaned_data[name] for name in METHOD if name in self.cleaned_data})


class ShippingRateForm(CheckedForm):
    class Meta:
        model = ShippingRate
        fields = RATE
        help_texts = {
            "currency": "ISO 4217, such as EUR.",
            "basis": "What the bands below are about.",
            "per_item": "On top of the band.",
            "per_kilo": "On top of the band, in proportion.",
            "free_over": "Goods of at least this value after discounts are sent for nothing. Empty: never.",
            "transit_days": "Working days on the way, instead of the method's. Empty: as the method.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency = self.initial.setdefault("currency", settings.SHOP_CURRENCY)
        labels = {"per_item": "For each unit", "per_kilo": "For each kilogram", "free_over": "Free from"}
        for name, label in labels.items():
            self.initial[name] = amount_as_typed(self.initial.get(name), currency)
            if name in self.fields:
                self.fields[name].label = f"{label}, {currency}"

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()

    def problems(self, draft: ShippingRate) -> Iterator[FieldProblem]:
        assign_rate(draft, self.rate_fields())
        draft.zone, draft.method = self.cleaned_data["zone"], self.cleaned_data["method"]
        yield from rate_problems(draft)

    def rate_fields(self) -> RateFields:
        """What was typed, as the service takes it."""
        given = {name: self.cleaned_data[name] for name in RATE}
        codes = {"zone": given["zone"].code, "method": given["method"].code}
        return cast(RateFields, given | codes)


class BandForm(forms.ModelForm):
    class Meta:
        model = ShippingBand
        fields = BAND

    def validate_unique(self) -> None:
        """All rows of the price are looked at together."""

    def _get_validation_exclusions(self) -> set[str]:
        # As above: a constraint would say less, and first.
        return {*super()._get_validation_exclusions(), *BAND}  # type: ignore[misc]  # left out of the stubs


class BandFormSet(BaseInlineFormSet):
    """The bands of a price, in grams or its currency; the service saves them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The page asks what was changed, though nothing is saved here.
        self.new_objects: list[Any] = []
        self.changed_objects: list[Any] = []
        self.deleted_objects: list[Any] = []

    def get_queryset(self) -> Any:
        return super().get_queryset().order_by("lower")

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        currency, basis = self.instance.currency, self.instance.basis
        unit = currency or "the currency"
        bound = "grams" if basis == WEIGHT else unit
        labels = {"lower": f"From, {bound}", "upper": f"To below, {bound}", "price": f"Price, {unit}"}
        for name, label in labels.items():
            form.fields[name].label = label
            form.initial[name] = self._typed(form, name)
            form.fields[name].widget.attrs["aria-label"] = label
        form.fields["upper"].widget.attrs["placeholder"] = "without end"

    def _typed(self, form: forms.ModelForm, name: str) -> str | None:
        value = form.initial.get(name)
        if form.instance.pk is None or value is None:
            return None
        if name != "price" and self.instance.basis == WEIGHT:
            return number(value)
        return amount_as_typed(value, self.instance.currency)

    def clean(self) -> None:
        """What the service would refuse, said beside the cell; the price itself has been looked at by then."""
        if any(self.errors):
            return
        kept = self.kept()
        rows = [as_band(form) for form in kept]
        for problem in band_problems(rows, basis=self.instance.basis, currency=self.instance.currency):
            parts = problem.field.split(".")
            if len(parts) == 3:
                kept[int(parts[1])].add_error(parts[2], problem.detail)
            else:
                raise forms.ValidationError(problem.detail)

    def kept(self) -> list[forms.ModelForm]:
        """The rows that are filled in and not ticked to go."""
        return [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]

    def bands(self) -> list[BandFields]:
        """As the service takes them."""
        return [as_band(form) for form in self.kept()]


def as_band(form: forms.ModelForm) -> BandFields:
    return {name: form.cleaned_data[name] for name in BAND}  # type: ignore[return-value]


def amount_as_typed(amount: Any, currency: str) -> Any:
    """With the currency's own decimals."""
    return format_amount(Decimal(amount), currency) if amount is not None and currency in CURRENCIES else amount
