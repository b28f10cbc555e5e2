"""What the verbs of stock ask a person."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from api.actors import Actor
from api.fields import MAX_QUANTITY
from inventory.low_stock import set_reorder_point
from inventory.models import MAX_ON_HAND, StockItem, StockMovement, Warehouse, is_bin
from inventory.services import adjust_stock, place_in_bin, set_safety, transfer_stock
from inventory.transfers.services import send_transfer


def whole_number(**kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(widget=UnfoldAdminIntegerFieldWidget, **kwargs)


def choice_of_warehouse(**kwargs: Any) -> forms.ModelChoiceField:
    choices: forms.ModelChoiceField = forms.ModelChoiceField(
        Warehouse.objects.all(), to_field_name="code", widget=UnfoldAdminSelectWidget, **kwargs
    )
    return choices


class StockForm(forms.Form):
    """One verb on one item, at a warehouse of the caller's. `perform` calls its service, which may still refuse."""

    title = ""
    button = ""
    done = ""
    unmoved = "No number changes; the count is written down."

    sku = forms.CharField(
        label="SKU",
        max_length=64,
        help_text="Type it or scan it.",
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True, "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, caller: object, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        warehouse: Any = self.fields["warehouse"]
        warehouse.queryset = Warehouse.objects.visible_to(caller)

    def clean_sku(self) -> str:
        sku: str = self.cleaned_data["sku"]
        if not StockItem.objects.filter(sku=sku).exists():
            raise forms.ValidationError(f"There is no item {sku}.")
        return sku

    def perform(self, by: Actor) -> None:
        raise NotImplementedError


class AdjustForm(StockForm):
    title = "Adjust stock"
    button = "Adjust"
    done = "The books are adjusted."

    warehouse = choice_of_warehouse()
    on_hand = whole_number(
        label="Counted", required=False, min_value=0, max_value=MAX_ON_HAND, help_text="What lies there now, or…"
    )
    delta = whole_number(
        label="Difference",
        required=False,
        min_value=-MAX_QUANTITY,
        max_value=MAX_QUANTITY,
        help_text="…how many more; with a minus, how many fewer.",
    )
    reason = forms.ChoiceField(choices=StockMovement.Reason.choices, initial="count", widget=UnfoldAdminSelectWidget)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and (given.get("delta") is None) == (given.get("on_hand") is None):
            raise forms.ValidationError("Fill in either what was counted or the difference.")
        return given

    def perform(self, by: Actor) -> None:
        given = self.cleaned_data
        adjust_stock(
            sku=given["sku"],
            warehouse_code=given["warehouse"].code,
            delta=given["delta"],
            on_hand=given["on_hand"],
            reason=given["reason"],
            by=by,
        )


class TransferForm(StockForm):
    """From a warehouse of the caller's to any other: whose goods they are decides, not where they go."""

    title = "Transfer stock"
    button = "Transfer"
    done = "The stock is transferred."

    warehouse = choice_of_warehouse(label="From")
    to_warehouse = choice_of_warehouse(label="To")
    quantity = whole_number(min_value=1, max_value=MAX_QUANTITY)
    in_transit = forms.BooleanField(
        label="It takes its time",
        required=False,
        help_text="It leaves the shelf now and is received when it arrives.",
        widget=UnfoldBooleanSwitchWidget,
    )

    def perform(self, by: Actor) -> None:
        given = self.cleaned_data
        if given["in_transit"]:
            lines = {given["sku"]: given["quantity"]}
            send_transfer(from_code=given["warehouse"].code, to_code=given["to_warehouse"].code, lines=lines, by=by)
            return
        transfer_stock(
            sku=given["sku"],
            from_code=given["warehouse"].code,
            to_code=given["to_warehouse"].code,
            quantity=given["quantity"],
            by=by,
        )


class SafetyForm(StockForm):
    title = "Set safety stock"
    button = "Set"
    done = "The safety stock is set."

    warehouse = choice_of_warehouse()
    safety = whole_number(label="Kept back", min_value=0, max_value=MAX_QUANTITY, help_text="Units not for sale.")

    def perform(self, by: Actor) -> None:
        given = self.cleaned_data
        set_safety(sku=given["sku"], warehouse_code=given["warehouse"].code, safety=given["safety"], by=by)


class BinForm(StockForm):
    title = "Place in a bin"
    button = "Place"
    done = "The bin is written down."
    unmoved = "No number changes; the bin is written down."

    warehouse = choice_of_warehouse()
    bin = forms.CharField(
        max_length=30,
        required=False,
        validators=[is_bin],
        help_text="Where it lies, as A-03-2. Empty takes it out.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )

    def perform(self, by: Actor) -> None:
        given = self.cleaned_data
        place_in_bin(sku=given["sku"], warehouse_code=given["warehouse"].code, bin=given["bin"], by=by)


class ReorderForm(StockForm):
    title = "Set the reorder point"
    button = "Set"
    done = "The reorder point is set."
    unmoved = "No number changes; the level is low at other numbers."

    warehouse = choice_of_warehouse()
    reorder_point = whole_number(
        required=False,
        min_value=0,
        max_value=MAX_QUANTITY,
        help_text="Low at so many available units. Empty: at the shop's usual number.",
    )

    def perform(self, by: Actor) -> None:
        given = self.cleaned_data
        set_reorder_point(
            sku=given["sku"], warehouse_code=given["warehouse"].code, reorder_point=given["reorder_point"], by=by
        )
