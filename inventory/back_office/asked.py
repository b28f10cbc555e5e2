"""What the buttons of transfers and items ask."""

from collections.abc import Sequence
from typing import Any

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from api.fields import MAX_QUANTITY, no_card_number
from inventory.back_office.forms import whole_number
from inventory.backorders.terms import BackorderTerms
from inventory.models import StockItem

# Of a number of units.
DIGITS = len(str(MAX_QUANTITY))


class ReceiveForm(BaseDialogForm):
    """Empty: all of it arrived."""

    counted = forms.CharField(
        label="Arrived, if not all",
        required=False,
        help_text="One item a line, as: MUG-1 4. Empty: everything that was sent.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    loss_reason = forms.CharField(
        label="Why less",
        required=False,
        max_length=200,
        validators=[no_card_number],
        widget=UnfoldAdminTextInputWidget,
    )

    def clean_counted(self) -> dict[str, int] | None:
        typed = [line.rsplit(maxsplit=1) for line in self.cleaned_data["counted"].splitlines() if line.strip()]
        if any(len(parts) != 2 or not parts[1].isdecimal() or len(parts[1]) > DIGITS for parts in typed):
            raise forms.ValidationError("Each line is a SKU and how many arrived.")
        return _once([(sku, int(units)) for sku, units in typed]) if typed else None


def _once(counted: Sequence[tuple[str, int]]) -> dict[str, int]:
    if len({sku for sku, _ in counted}) < len(counted):
        raise forms.ValidationError("Each item once.")
    return dict(counted)


class BackordersForm(BaseDialogForm):
    limit = whole_number(
        label="Sold beyond the stock", required=False, min_value=0, max_value=MAX_QUANTITY, help_text="Empty: nothing."
    )
    expected_on = forms.DateField(
        label="More is expected on", required=False, help_text="Customers are told.", widget=UnfoldAdminDateWidget
    )
    available_from = forms.DateField(
        label="On sale from", required=False, help_text="Before that day, a pre-order.", widget=UnfoldAdminDateWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Filled in with what holds now, so that only what is changed changes."""
        super().__init__(*args, **kwargs)
        item = StockItem.objects.filter(pk=self.object_id).first()
        if item is not None:
            self.fields["limit"].initial = item.backorder_limit
            self.fields["expected_on"].initial = item.expected_on
            self.fields["available_from"].initial = item.available_from

    def terms(self) -> BackorderTerms:
        given: dict[str, Any] = self.cleaned_data
        return BackorderTerms(given["limit"], given["available_from"], given["expected_on"])
