"""What registering a return asks: which units, why, and why against the rules where these bar a line."""

from collections.abc import Mapping
from typing import Any

from django import forms

from orders import services
from orders.actions import no_chance
from orders.back_office.display import words
from orders.back_office.forms import Caller, LinesForm, choice, text
from orders.models import OrderLine
from orders.returning.rules import chances
from orders.services import Wish
from orders.states import ASKED_REASONS


class RequestReturnForm(LinesForm):
    """Where the rules bar a line, staff may open it all the same and say why, as over the API."""

    note = text("Note", required=False, max_length=500)

    def build(self) -> None:
        found = chances(self.order)
        self.barred = {each.line.pk: no_chance([each]).text for each in found if each.units and each.why_not}
        if self.barred:
            self.fields["against_rules"] = forms.BooleanField(
                label="Against the rules", required=False, help_text="Opens it for units that the rules do not allow."
            )
            self.fields["override"] = text("Why against the rules", required=False)
        super().build()

    def room(self) -> Mapping[int, int]:
        return services.returnable(self.order)

    def extra_fields(self, line: OrderLine) -> dict[str, forms.Field]:
        return {"reason": choice("Why", [(reason, words(reason)) for reason, _ in ASKED_REASONS])}

    def warning(self, line: OrderLine) -> str:
        return self.barred.get(line.pk, "")

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("against_rules") and not given.get("override"):
            self.add_error("override", "Say why.")
        if given.get("override") and not given.get("against_rules"):
            self.add_error("against_rules", "Tick it to open the return against the rules.")
        return given

    def perform(self, caller: Caller) -> object:
        wishes = [Wish(pk, units, self.of("reason", pk)) for pk, units in self.quantities().items()]
        note, override = self.cleaned_data["note"], self.cleaned_data.get("override", "")
        return services.request_return(
            order_id=self.order.pk, wishes=wishes, note=note, override=override, by=caller.actor
        )
