"""What each verb asks before it is done. A form reads what was typed and calls one service; rules are not here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from accounts.models import country_choices
from api.actors import Actor
from api.fields import no_card_number
from inventory.models import Warehouse
from orders import services
from orders.back_office.display import words
from orders.models import Order, OrderAddress, OrderLine, Return, ReturnLine, Shipment
from orders.models.order import ADDRESS_FIELDS
from orders.services import Arrival
from orders.states import HOLD_RELEASED_BY, HoldKind, ReturnState, ShipmentStatus

REASONS = ("Customer request", "Out of stock", "Ordered twice", "Suspected fraud", "Address cannot be served")
CARRIERS = ("DHL", "DPD", "GLS", "Hermes", "UPS", "FedEx", "Deutsche Post")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who does it: for the history, and for the holds their role may release."""

    actor: Actor
    role: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the order in a form, with the fields that ask about it."""

    line: OrderLine
    room: int
    fields: Sequence[forms.BoundField]
    # What has to be known about it before it is chosen.
    warning: str = ""


class VerbForm(forms.Form):
    """The base: knows its order, read whole, and starts out with an answer to everything where there is one.

    `own`: codes of the warehouses whose goods the person moves; None: all.
    """

    template = "admin/orders/order/fields.html"

    def __init__(
        self,
        order: Order,
        *,
        role: str = "",
        own: frozenset[str] | None = None,
        chosen: Mapping[str, str] | None = None,
        data: Any = None,
    ) -> None:
        super().__init__(data)
        self.order, self.role, self.own, self.chosen = order, role, own, chosen or {}
        self.build()
        for name, field in self.fields.items():
            kind = "wb-check" if isinstance(field.widget, forms.CheckboxInput) else "wb-input"
            field.widget.attrs |= {"class": kind, "autocomplete": "off"}
            if name in self.chosen and not isinstance(field, forms.BooleanField):
                field.initial = self.chosen[name]

    def build(self) -> None:
        """Add the fields that depend on the order."""

    def perform(self, caller: Caller) -> object:
        """Call the service with what was typed. Raises its refusals."""
        raise NotImplementedError

    def prefilled(self) -> MultiValueDict[str, str]:
        """What the untouched form would send, to tell beforehand what that would do."""
        values = {name: self.get_initial_for_field(field, name) for name, field in self.fields.items()}
        return MultiValueDict({name: [str(value)] for name, value in values.items() if value not in {None, False}})

    def rows(self) -> list[Row]:
        return []

    def plain_fields(self) -> Iterator[forms.BoundField]:
        """The fields that do not belong to one line."""
        in_rows = {bound.name for row in self.rows() for bound in row.fields}
        return (bound for bound in self if bound.name not in in_rows)


class LinesForm(VerbForm):
    """Units of lines: a number each, with its room as the limit."""

    all_at_first = False

    def room(self) -> Mapping[int, int]:
        """{line id: units that may be named}; lines without room are not asked about."""
        raise NotImplementedError

    def build(self) -> None:
        for line in self.asked():
            room = self.room()[line.pk]
            self.fields[f"quantity_{line.pk}"] = forms.IntegerField(
                label=f"Units of {line.sku}",
                min_value=0,
                max_value=room,
                required=False,
                initial=room if self.all_at_first else 0,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )
            for name, field in self.extra_fields(line).items():
                self.fields[f"{name}_{line.pk}"] = field

    def asked(self) -> list[OrderLine]:
        room = self.room()
        return [line for line in self.order.lines.all() if room.get(line.pk, 0) > 0]

    def extra_fields(self, line: OrderLine) -> dict[str, forms.Field]:
        return {}

    def rows(self) -> list[Row]:
        room = self.room()
        return [
            Row(
                line,
                room[line.pk],
                [self[name] for name in self.fields if name.endswith(f"_{line.pk}")],
                self.warning(line),
            )
            for line in self.asked()
        ]

    def warning(self, line: OrderLine) -> str:
        return ""

    def quantities(self) -> dict[int, int]:
        """{line id: units} of the lines named."""
        typed = {line.pk: self.cleaned_data.get(f"quantity_{line.pk}") or 0 for line in self.asked()}
        return {line_id: units for line_id, units in typed.items() if units}

    def of(self, name: str, line_id: int) -> Any:
        return self.cleaned_data[f"{name}_{line_id}"]


class SuggestingField(forms.CharField):
    """A text with what is often typed, which the template offers."""

    def __init__(self, suggestions: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.suggestions = suggestions


def text(label: str, *, required: bool = True, suggestions: Sequence[str] = (), **kwargs: Any) -> forms.CharField:
    """One line of text, offering what is often typed. The number of a payment card is refused."""
    usual: dict[str, Any] = {"max_length": 200, "validators": [no_card_number]}
    return SuggestingField(suggestions, label=label, required=required, **(usual | kwargs))


def choice(label: str, values: Sequence[tuple[Any, str]], **kwargs: Any) -> forms.ChoiceField:
    """One of few; the first unless another was chosen on the page."""
    initial = values[0][0] if values else None
    return forms.ChoiceField(label=label, choices=list(values), initial=initial, **kwargs)


class CancelForm(VerbForm):
    reason = text("Why", suggestions=REASONS, initial=REASONS[0])

    def perform(self, caller: Caller) -> object:
        return services.cancel_order(order_id=self.order.pk, reason=self.cleaned_data["reason"], by=caller.actor)


class CancelLinesForm(LinesForm):
    reason = text("Why", suggestions=REASONS, initial=REASONS[0])

    def room(self) -> Mapping[int, int]:
        return {line.pk: line.units.unpacked for line in self.order.lines.all()}

    def perform(self, caller: Caller) -> object:
        reason = self.cleaned_data["reason"]
        return services.cancel_order(order_id=self.order.pk, reason=reason, lines=self.quantities(), by=caller.actor)


class HoldForm(VerbForm):
    kind = choice("Why", [(kind.value, words(kind)) for kind in HoldKind])
    note = text("Note", required=False, max_length=500)

    def perform(self, caller: Caller) -> object:
        return services.place_hold(order_id=self.order.pk, by=caller.actor, **self.cleaned_data)


class ReleaseHoldForm(VerbForm):
    def build(self) -> None:
        holds = [hold for hold in self.order.holds.all() if hold.released_at is None]
        mine = [hold for hold in holds if self.role in HOLD_RELEASED_BY[hold.kind]]
        self.fields["hold"] = choice("Hold", [(hold.pk, f"{words(hold.kind)} {hold.note}") for hold in mine or holds])

    def perform(self, caller: Caller) -> object:
        hold_id = int(self.cleaned_data["hold"])
        return services.release_hold(order_id=self.order.pk, hold_id=hold_id, role=caller.role, by=caller.actor)


class AddressForm(forms.ModelForm):
    """The fields of an address as the model has them."""

    country = forms.ChoiceField(choices=country_choices)

    class Meta:
        model = OrderAddress
        fields = ADDRESS_FIELDS


class ChangeAddressForm(VerbForm):
    def build(self) -> None:
        kind = OrderAddress.Kind.SHIPPING
        present = next((found for found in self.order.addresses.all() if found.kind == kind), None)
        self.fields |= AddressForm().fields
        for name in ADDRESS_FIELDS:
            self.fields[name].initial = getattr(present, name, "")
            if isinstance(self.fields[name], forms.CharField):
                self.fields[name].validators.append(no_card_number)

    def perform(self, caller: Caller) -> object:
        return services.change_address(order_id=self.order.pk, address=self.cleaned_data, by=caller.actor)


class PackForm(LinesForm):
    all_at_first = True

    def build(self) -> None:
        self.held = services.unpacked_by_warehouse(self.order, own=self.own)
        places = dict(Warehouse.objects.filter(pk__in=self.held).values_list("pk", "code"))
        picked = (self.data or self.chosen).get("warehouse", "")
        known = {code: pk for pk, code in places.items()}
        self.warehouse_id = known.get(picked) or next(iter(self.held), None)
        names = [(places[pk], f"{places[pk]} · {sum(lines.values())} units") for pk, lines in self.held.items()]
        self.fields["warehouse"] = choice("From", names)
        self.fields["warehouse"].widget.attrs["data-reload"] = True
        super().build()

    def room(self) -> Mapping[int, int]:
        return self.held.get(self.warehouse_id or 0, {})

    def perform(self, caller: Caller) -> object:
        warehouse = self.cleaned_data["warehouse"]
        return services.pack_shipment(
            order_id=self.order.pk, lines=self.quantities(), warehouse=warehouse, by=caller.actor
        )


class PackageForm(VerbForm):
    """Asks which package, of those in the right state that are the person's to move."""

    state: str = ShipmentStatus.PACKED

    def build(self) -> None:
        self.fields["package"] = choice("Package", [(found.pk, described(found)) for found in self.waiting()])
        self.order_fields(["package", *self.fields])

    def waiting(self) -> list[Shipment]:
        return packages(self.order, self.state, self.own)

    @property
    def package_id(self) -> int:
        return int(self.cleaned_data["package"])


def packages(order: Order, state: str, own: frozenset[str] | None) -> list[Shipment]:
    """Those of an order read whole that are in this state, in the warehouses with the codes `own`; None: in any."""
    found = [shipment for shipment in order.shipments.all() if shipment.status == state]
    return [shipment for shipment in found if own is None or shipment.warehouse.code in own]


def described(shipment: Shipment) -> str:
    units = sum(part.quantity for part in shipment.lines.all())
    return f"{shipment.number} · {units} {'unit' if units == 1 else 'units'} from {shipment.warehouse.code}"


class ShipForm(PackageForm):
    carrier = text("Carrier", required=False, suggestions=CARRIERS, max_length=50)
    tracking_number = text("Tracking number", required=False, max_length=100, validators=[])

    def perform(self, caller: Caller) -> object:
        return services.ship_shipment(
            shipment_id=self.package_id,
            carrier=self.cleaned_data["carrier"],
            tracking_number=self.cleaned_data["tracking_number"],
            by=caller.actor,
        )


class UnpackForm(PackageForm):
    def perform(self, caller: Caller) -> object:
        return services.cancel_shipment(shipment_id=self.package_id, by=caller.actor)


class DeliverForm(PackageForm):
    state: str = ShipmentStatus.SHIPPED

    def perform(self, caller: Caller) -> object:
        return services.deliver_shipment(shipment_id=self.package_id, by=caller.actor)


def returns_in(order: Order, *states: str) -> list[Return]:
    return [ret for ret in order.returns.all() if ret.status in states]


class DecideReturnForm(VerbForm):
    states: tuple[str, ...] = (ReturnState.REQUESTED,)

    def build(self) -> None:
        waiting = returns_in(self.order, *self.states)
        self.fields["return"] = choice("Return", [(ret.pk, ret.number) for ret in waiting])
        self.order_fields(["return", *self.fields])

    @property
    def return_id(self) -> int:
        return int(self.cleaned_data["return"])


class ApproveReturnForm(DecideReturnForm):
    def perform(self, caller: Caller) -> object:
        return services.approve_return(return_id=self.return_id, by=caller.actor)


class RejectReturnForm(DecideReturnForm):
    states = (ReturnState.REQUESTED, ReturnState.APPROVED)
    reason = text("Why")

    def perform(self, caller: Caller) -> object:
        return services.reject_return(return_id=self.return_id, reason=self.cleaned_data["reason"], by=caller.actor)


class ReceiveReturnForm(LinesForm):
    all_at_first = True

    def build(self) -> None:
        approved = returns_in(self.order, ReturnState.APPROVED)
        picked = (self.data or self.chosen).get("return", "")
        self.ret = next((ret for ret in approved if str(ret.pk) == picked), approved[0] if approved else None)
        self.fields["return"] = choice("Return", [(ret.pk, ret.number) for ret in approved])
        self.fields["return"].widget.attrs["data-reload"] = True
        super().build()

    def room(self) -> Mapping[int, int]:
        return {part.line_id: part.quantity for part in self.ret.lines.all()} if self.ret else {}

    def extra_fields(self, line: OrderLine) -> dict[str, forms.Field]:
        condition = choice("Condition", [(found.value, words(found)) for found in ReturnLine.Condition])
        shelf = forms.BooleanField(label="Back on the shelf", required=False, initial=True)
        return {"condition": condition, "restock": shelf}

    def perform(self, caller: Caller) -> object:
        arrivals = [
            Arrival(line_id=pk, quantity=units, condition=self.of("condition", pk), restock=self.of("restock", pk))
            for pk, units in self.quantities().items()
        ]
        return services.receive_return(return_id=int(self.cleaned_data["return"]), arrivals=arrivals, by=caller.actor)


class NoteForm(VerbForm):
    text = forms.CharField(
        label="Note", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), validators=[no_card_number]
    )

    def perform(self, caller: Caller) -> object:
        return services.add_note(order_id=self.order.pk, text=self.cleaned_data["text"], by=caller.actor)


FormClass = Callable[..., VerbForm]
