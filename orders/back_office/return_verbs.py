"""The buttons of a return that has been received: send something else, end a repair."""

from collections.abc import Iterator, Mapping

from django import forms

from kernel.errors import NotAllowedNow, Refused
from orders import services
from orders.actions import Facts
from orders.back_office.display import options, words
from orders.back_office.forms import Caller, LinesForm, VerbForm, choice
from orders.back_office.verbs import Verb
from orders.models import Order, OrderLine, Return, ReturnLine, ReturnUnit
from orders.services import Swap
from orders.services.exchange import replacements
from orders.states import WRITTEN_OFF, Disposition, ReturnState

RESTOCKED = Disposition.RESTOCK.value


class ExchangeForm(LinesForm):
    """Which of the received units are replaced, and by which variant."""

    all_at_first = True

    def build(self) -> None:
        found = exchangeable(self.order)
        picked = (self.data or self.chosen).get("return", "")
        self.ret = next((ret for ret in found if str(ret.pk) == picked), found[0] if found else None)
        self.fields["return"] = choice("Return", [(ret.pk, ret.number) for ret in found])
        self.fields["return"].widget.attrs["data-reload"] = True
        super().build()

    def room(self) -> Mapping[int, int]:
        return {part.line_id: part.received for part in self.ret.lines.all()} if self.ret else {}

    def extra_fields(self, line: OrderLine) -> dict[str, forms.Field]:
        found = [(product.sku, f"{product.sku} {options(product.options)}".strip()) for product in replacements(line)]
        same_first = sorted(found, key=lambda pair: pair[0] != line.sku)
        return {"sku": choice("Send", same_first)}

    def perform(self, caller: Caller) -> object:
        swaps = [Swap(pk, units, self.of("sku", pk)) for pk, units in self.quantities().items()]
        return services.exchange_return(return_id=int(self.cleaned_data["return"]), swaps=swaps, by=caller.actor)


class RestockForm(VerbForm):
    """Which of the units that wait to be refurbished are done with, and how that ended."""

    def build(self) -> None:
        names = {line.pk: line.name for line in self.order.lines.all()}
        self.fields["units"] = choice(
            "Units",
            [
                (unit.pk, f"{unit.quantity} × {names[part.line_id]}, {unit.warehouse.code}")
                for part, unit in refurbishing(self.order)
            ],
        )
        ends = [(RESTOCKED, "On sale again"), *((kind.value, words(kind)) for kind in WRITTEN_OFF)]
        self.fields["outcome"] = choice("What became of them", ends)

    def perform(self, caller: Caller) -> object:
        unit_id, outcome = int(self.cleaned_data["units"]), self.cleaned_data["outcome"]
        if outcome == RESTOCKED:
            return services.restock_refurbished(unit_id=unit_id, by=caller.actor)
        return services.write_off_refurbished(unit_id=unit_id, disposition=outcome, by=caller.actor)


def exchangeable(order: Order) -> list[Return]:
    """The returns whose units can still be replaced."""
    return [ret for ret in order.returns.all() if ret.status == ReturnState.RECEIVED and not ret.exchange_order_id]


def refurbishing(order: Order) -> Iterator[tuple[ReturnLine, ReturnUnit]]:
    """The units of an order that wait to be refurbished, each with its line of the return."""
    for ret in order.returns.all():
        for part in ret.lines.all():
            for unit in part.units.all():
                if unit.disposition == Disposition.REFURBISH and unit.restocked_at is None:
                    yield part, unit


def _exchange(order: Order, facts: Facts, role: str) -> Refused | None:
    return None if exchangeable(order) else NotAllowedNow("Nothing was received that could be exchanged.")


def _restock(order: Order, facts: Facts, role: str) -> Refused | None:
    return None if any(refurbishing(order)) else NotAllowedNow("No units wait to be refurbished.")


VERBS = (
    Verb("exchange_return", "Exchange", "swap_horiz", "orders.exchange_return", ExchangeForm,
         "Another order brings the replacement.", check=_exchange),
    Verb("restock_refurbished", "End of repair", "build_circle", "orders.receive_return", RestockForm,
         "It is kept what became of the units.", check=_restock),
)  # fmt: skip
