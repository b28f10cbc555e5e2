"""How a verb is done to many orders: what is asked once for all, and the service for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms

from api.actors import Actor
from orders import services
from orders.back_office.display import words
from orders.back_office.forms import CARRIERS, REASONS, choice, text
from orders.models import Order
from orders.states import HoldKind


@dataclass(frozen=True, slots=True)
class Answers:
    """What was typed once for all orders. `tracking` goes by the number of an order or package."""

    given: Mapping[str, Any] = field(default_factory=dict)
    tracking: Mapping[str, str] = field(default_factory=dict)


class ManyForm(forms.Form):
    """Asks nothing; the base of those that do."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for bound in self.fields.values():
            bound.widget.attrs |= {"class": "wb-input", "autocomplete": "off"}

    def answers(self) -> Answers:
        return Answers(self.cleaned_data)


class WhyForm(ManyForm):
    reason = text("Why", suggestions=REASONS, initial=REASONS[0])


class HoldsForm(ManyForm):
    kind = choice("Why", [(kind.value, words(kind)) for kind in HoldKind])
    note = text("Note", required=False, max_length=500)


class TrackingForm(ManyForm):
    """A tracking number for each order or package, as pasted from a spreadsheet or a carrier's list."""

    carrier = text("Carrier", required=False, suggestions=CARRIERS, max_length=50)
    tracking = forms.CharField(
        label="Tracking numbers",
        required=False,
        help_text="One a line: the number of the order or package, a tab or spaces, the tracking number.",
        widget=forms.Textarea(
            attrs={"rows": 5, "placeholder": "W1000001\t00340434161094042557", "spellcheck": "false"}
        ),
    )

    def clean_tracking(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for count, row in enumerate(self.cleaned_data["tracking"].splitlines(), 1):
            number, _, tracking = row.strip().replace("\t", " ").partition(" ")
            if not number:
                continue
            if not 0 < len(tracking.strip()) <= 100:
                raise forms.ValidationError(f"Line {count} needs a tracking number of up to 100 characters.")
            if number.upper() in found:
                raise forms.ValidationError(f"Line {count}: {number.upper()} is there twice.")
            found[number.upper()] = tracking.strip()
        return found

    def answers(self) -> Answers:
        return Answers({"carrier": self.cleaned_data["carrier"]}, self.cleaned_data["tracking"])


@dataclass(frozen=True, slots=True)
class Many:
    """What makes a verb one that can be done to many."""

    act: Callable[[Order, Answers, Actor], object]
    form: type[ManyForm] = ManyForm


def _cancel(order: Order, answers: Answers, by: Actor) -> object:
    return services.cancel_order(order_id=order.pk, reason=answers.given["reason"], by=by)


def _hold(order: Order, answers: Answers, by: Actor) -> object:
    return services.place_hold(order_id=order.pk, by=by, **answers.given)


def _pack(order: Order, answers: Answers, by: Actor) -> object:
    return services.pack_all(order_id=order.pk, by=by)


def _ship(order: Order, answers: Answers, by: Actor) -> object:
    carrier = answers.given["carrier"]
    return services.ship_all(order_id=order.pk, carrier=carrier, tracking=answers.tracking, by=by)


def _deliver(order: Order, answers: Answers, by: Actor) -> object:
    return services.deliver_all(order_id=order.pk, by=by)


def _approve(order: Order, answers: Answers, by: Actor) -> object:
    return services.approve_returns(order_id=order.pk, by=by)


PACK, DELIVER, APPROVE = Many(_pack), Many(_deliver), Many(_approve)
SHIP, HOLD, CANCEL = Many(_ship, TrackingForm), Many(_hold, HoldsForm), Many(_cancel, WhyForm)
