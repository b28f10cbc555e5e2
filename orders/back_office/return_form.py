"""What the returns desk asks of a parcel: for each line, units that came back alike, up to three kinds of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms

from api.fields import no_card_number
from inventory.models import Warehouse
from orders.back_office.display import words
from orders.models import Order, OrderLine, Return, ReturnLine
from orders.returning.photos import keep_photo
from orders.services import Arrival
from orders.services.receive_return import left_from
from orders.states import Condition, Disposition, ReturnReason

KINDS = 3
FAULTY = frozenset({ReturnReason.DAMAGED, ReturnReason.NOT_AS_DESCRIBED})
WHERE_IT_LEFT = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """The fields about units of a line that came back alike."""

    quantity: forms.BoundField
    condition: forms.BoundField
    disposition: forms.BoundField
    note: forms.BoundField
    photo: forms.BoundField


@dataclass(frozen=True, slots=True)
class Row:
    """A line that was announced; `others` are for units that came back differently."""

    part: ReturnLine
    line: OrderLine
    first: Kind
    others: Sequence[Kind]


class ReceiveForm(forms.Form):
    """Starts out with all that was announced."""

    def __init__(self, order: Order, ret: Return, user: Any, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.order, self.ret = order, ret
        self.lines = {line.pk: line for line in order.lines.all()}
        self.fields["warehouse"] = forms.ChoiceField(
            label="Arrived in", choices=_places(order, ret, user), required=False
        )
        self.fields["fee"] = forms.DecimalField(
            label=f"Fee in {order.currency}", required=False, min_value=Decimal(0), max_digits=16, decimal_places=4,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "placeholder": "as the rules say"}),
        )  # fmt: skip
        for part in ret.lines.all():
            for place in range(KINDS):
                self._add(part, place)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.RadioSelect):
                field.widget.attrs |= {"class": "wb-input", "autocomplete": "off"}

    def _add(self, part: ReturnLine, place: int) -> None:
        faulty = part.reason in FAULTY
        sku = self.lines[part.line_id].sku
        own: dict[str, forms.Field] = {
            "quantity": forms.IntegerField(
                label=f"Units of {sku}", min_value=0, max_value=part.quantity, required=False,
                initial=0 if place else part.quantity, widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            ),
            "condition": _radio("Condition", Condition, Condition.DAMAGED if faulty else Condition.NEW),
            "disposition": _radio("What to do", Disposition, Disposition.SCRAP if faulty else Disposition.RESTOCK),
            "note": forms.CharField(label="Note", required=False, max_length=500, validators=[no_card_number]),
            "photo": forms.FileField(
                label="Photo", required=False,
                widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp", "capture": "environment"}),
            ),
        }  # fmt: skip
        for name, field in own.items():
            self.fields[f"{name}_{part.pk}_{place}"] = field

    def rows(self) -> list[Row]:
        return [
            Row(part, self.lines[part.line_id], self._kind(part, 0), [self._kind(part, n) for n in range(1, KINDS)])
            for part in self.ret.lines.all()
        ]

    def _kind(self, part: ReturnLine, place: int) -> Kind:
        names = ("quantity", "condition", "disposition", "note", "photo")
        return Kind(*(self[f"{name}_{part.pk}_{place}"] for name in names))

    def answers(self) -> dict[str, Any]:
        """What was typed, without the pictures, which decide nothing."""
        return {name: value for name, value in self.cleaned_data.items() if not name.startswith("photo_")}

    def arrivals(self, *, keep_photos: bool = False) -> list[Arrival]:
        """What came back. `keep_photos` stores the pictures; their names are in the answer. Raises `UnfitImage`."""
        found = []
        for part in self.ret.lines.all():
            for place in range(KINDS):
                of = {name: self.cleaned_data[f"{name}_{part.pk}_{place}"] for name in _ASKED}
                if of["quantity"]:
                    photo = keep_photo(of["photo"]) if keep_photos and of["photo"] else ""
                    found.append(_arrival(part, of, photo))
        return found


_ASKED = ("quantity", "condition", "disposition", "note", "photo")


def _arrival(part: ReturnLine, of: dict[str, Any], photo: str) -> Arrival:
    goes_back = of["disposition"] == Disposition.RESTOCK
    return Arrival(part.line_id, of["quantity"], of["condition"], goes_back, of["disposition"], of["note"], photo)


def _radio(label: str, kinds: Any, initial: str) -> forms.ChoiceField:
    choices = [(kind.value, words(kind.value)) for kind in kinds]
    return forms.ChoiceField(label=label, choices=choices, initial=initial, widget=forms.RadioSelect)


def _places(order: Order, ret: Return, user: Any) -> list[tuple[str, str]]:
    """Their warehouses; first where it all left from, if that is theirs."""
    theirs = list(Warehouse.objects.visible_to(user))
    left = left_from(order, ret)
    origins = {left[part.line_id].code for part in ret.lines.all() if part.line_id in left}
    choices = [(place.code, f"{place.code} · {place.name}") for place in theirs if place.active]
    if origins <= {place.code for place in theirs}:
        choices.insert(0, (WHERE_IT_LEFT, f"{', '.join(sorted(origins))}, where it left from"))
    return choices
