"""What is typed on the pages of the catalogue, checked as the services check it."""

from copy import copy
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.safestring import SafeString, mark_safe
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from catalog.models import Category, Product, ProductImage
from catalog.pictures import clean
from catalog.services import ProductFields
from catalog.services.fields import assign, normal_tags
from kernel.errors import Refused
from kernel.money import format_amount

WRITTEN = (
    "name", "description", "price", "sale_price", "currency", "tags", "tax_class", "weight_grams", "barcode",
    "options", "is_gift_card", "published",
)  # fmt: skip


class TagsField(forms.CharField):
    """Tags with commas between them."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        try:
            return normal_tags(tag for tag in (value or "").split(",") if tag.strip())
        except Refused as refusal:
            raise forms.ValidationError(refusal.text) from refusal

    def has_changed(self, initial: Any, data: Any) -> bool:
        return differs(initial or [], data, self)


class OptionsField(forms.CharField):
    """A name and a value a line, such as `colour: blue`."""

    widget = UnfoldAdminTextareaWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs |= {"rows": 3, "placeholder": "colour: blue"}

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{name}: {text}" for name, text in value.items()) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        options = {}
        for line in filter(None, (line.strip() for line in (value or "").splitlines())):
            name, colon, text = (part.strip() for part in line.partition(":"))
            if not (name and colon and text):
                raise forms.ValidationError("A name, a colon and a value on each line, such as “colour: blue”.")
            options[name] = text
        return options

    def has_changed(self, initial: Any, data: Any) -> bool:
        return differs(initial or {}, data, self)


def differs(initial: Any, data: Any, field: forms.Field) -> bool:
    try:
        return bool(initial != field.to_python(data))
    except forms.ValidationError:
        return True


class ProductForm(forms.ModelForm):
    """A product's page. The version it was opened at comes back with it, so that nobody undoes another's work."""

    tags = TagsField(required=False, help_text="With commas between them, such as: gift, tea time.")
    options = OptionsField(required=False, help_text="What tells a variant apart, one a line.")
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Product
        fields = ("sku", *WRITTEN, "category", "variant_of")
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = self.instance.version
        for name in ("price", "sale_price"):
            amount = self.initial.get(name)
            if isinstance(amount, Decimal):
                self.initial[name] = format_amount(amount, self.initial["currency"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        seen = cleaned.get("seen")
        if self.instance.pk and seen is not None and seen != self.instance.version:
            raise forms.ValidationError("Somebody changed it since you opened this page. Open it again.")
        if not self.errors:
            self._check(cleaned)
        return cleaned

    def _check(self, cleaned: dict[str, Any]) -> None:
        """What the service would refuse, said beside the field."""
        product = copy(self.instance)
        product.sku = cleaned.get("sku", product.sku)
        try:
            assign(product, self.product_fields())
        except Refused as refusal:
            for problem in refusal.problems:
                self.add_error(problem.field if problem.field in self.fields else None, problem.detail)

    def product_fields(self) -> ProductFields:
        """What was typed, as the services take it."""
        fields = {name: self.cleaned_data[name] for name in WRITTEN if name in self.cleaned_data}
        category: Category | None = self.cleaned_data.get("category")
        main: Product | None = self.cleaned_data.get("variant_of")
        fields |= {"category": category and category.slug, "variant_of": main and main.sku}
        return cast(ProductFields, fields)


class Nothing(forms.Widget):
    """Takes no input and no room, but its column stays."""

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return mark_safe("")  # a literal


class PictureForm(forms.ModelForm):
    """A picture's row on its product's page. A picture is replaced by removing it and adding another."""

    class Meta:
        model = ProductImage
        fields = ("file", "alt", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "file" in self.fields:
            self.fields["file"].disabled = True
            self.fields["file"].widget = Nothing()

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            try:
                clean(file)
            except Refused as refusal:
                raise forms.ValidationError(refusal.text) from refusal
            file.seek(0)
        return file
