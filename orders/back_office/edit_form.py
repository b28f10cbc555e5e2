"""What is asked when an order is edited: units and products of its lines, and something more."""

from collections.abc import Mapping
from typing import Any

from django import forms

from orders import services
from orders.back_office.forms import Caller, LinesForm, text
from orders.models import OrderLine
from orders.services import Changes
from orders.services.carts import MAX_QUANTITY


class EditForm(LinesForm):
    """Each line with the units that shall be left of it and perhaps another SKU; one SKU more, with its units."""

    template = "admin/orders/order/edit_fields.html"

    def room(self) -> Mapping[int, int]:
        return {line.pk: line.units.live for line in self.order.lines.all()}

    def build(self) -> None:
        super().build()
        for line in self.asked():
            units: Any = self.fields[f"quantity_{line.pk}"]
            units.max_value, units.initial = MAX_QUANTITY, line.units.live
            units.validators = []
            units.widget.attrs.pop("max", None)
        self.fields["add_sku"] = text("Add a SKU", required=False, max_length=100)
        self.fields["add_quantity"] = forms.IntegerField(
            label="Units of it", required=False, min_value=1, max_value=MAX_QUANTITY, initial=1
        )

    def extra_fields(self, line: OrderLine) -> dict[str, forms.Field]:
        return {"sku": text("Replace by SKU", required=False, max_length=100)}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for line in self.asked():
            if (given.get(f"quantity_{line.pk}") or 0) < 0:
                self.add_error(f"quantity_{line.pk}", "0 or more.")
        if not self.errors and not self._changes_something():
            raise forms.ValidationError("Change a number, name another SKU, or add one.")
        return given

    def _changes_something(self) -> bool:
        changes = self.changes()
        return bool(changes.quantities or changes.replaced or changes.added)

    def changes(self) -> Changes:
        given = self.cleaned_data
        replaced = {line.pk: sku for line in self.asked() if (sku := given.get(f"sku_{line.pk}", "").strip())}
        quantities = {
            line.pk: given.get(f"quantity_{line.pk}") or 0
            for line in self.asked()
            if line.pk not in replaced and (given.get(f"quantity_{line.pk}") or 0) != line.units.live
        }
        added = [(given["add_sku"].strip(), given.get("add_quantity") or 1)] if given.get("add_sku", "").strip() else []
        return Changes(quantities=quantities, replaced=replaced, added=added)

    def perform(self, caller: Caller) -> object:
        return services.edit_order(order_id=self.order.pk, changes=self.changes(), by=caller.actor)
