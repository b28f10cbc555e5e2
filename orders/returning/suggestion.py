"""What to refund for a return, from what was paid: a pure function with its arithmetic.

A return is *worth* what was paid for its units, with the shipping where that goes back too, less its fee and what is
sent in exchange. What has left the shop already (refunds done or under way, beyond those for cancelled units) is set
off against the worth of the order's returns, the earliest received first. So refunding each suggestion, in whatever
order the returns come in, gives back what was paid for them and never more than was paid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kernel.money import ZERO


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the arithmetic. `what` is stable; `amount` is below zero where it takes something off."""

    what: str
    amount: Decimal
    detail: str


@dataclass(frozen=True, slots=True)
class Received:
    """A return as money sees it, amounts in the order's currency."""

    number: str
    units: Sequence[Step]
    shipping: Decimal = ZERO
    fee: Decimal = ZERO
    exchanged: Decimal = ZERO

    @property
    def value(self) -> Decimal:
        return sum((step.amount for step in self.units), ZERO)

    @property
    def worth(self) -> Decimal:
        return max(self.value + self.shipping - self.fee - self.exchanged, ZERO)


@dataclass(frozen=True, slots=True)
class Money:
    """Where an order's money stands. `underway`: refunds that a provider has been asked for."""

    due: Decimal
    captured: Decimal
    refunded: Decimal
    underway: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        """What is still with the shop."""
        return max(self.captured - self.refunded - self.underway, ZERO)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`amount` is the sum of the steps."""

    amount: Decimal
    steps: tuple[Step, ...]


def suggest(received: Sequence[Received], money: Money) -> dict[str, Suggestion]:
    """{number: what to refund now} for the received returns of one order, the earliest first."""
    worth = sum((ret.worth for ret in received), ZERO)
    keeps = max(money.due - worth, ZERO)
    open_amount = min(max(money.left - keeps, ZERO), worth)
    gone = worth - open_amount
    found = {}
    for ret in received:
        used = min(gone, ret.worth)
        gone -= used
        found[ret.number] = _suggestion(ret, used)
    return found


def _suggestion(ret: Received, used: Decimal) -> Suggestion:
    steps = list(ret.units)
    if ret.shipping:
        steps.append(Step("shipping", ret.shipping, "Shipping of the order"))
    if ret.exchanged:
        steps.append(Step("exchanged", -ret.exchanged, "Sent in exchange"))
    if ret.fee:
        steps.append(Step("fee", -min(ret.fee, ret.value + ret.shipping - ret.exchanged), "Fee"))
    if used:
        steps.append(Step("refunded", -used, "Refunded or under way already"))
    return Suggestion(ret.worth - used, tuple(step for step in steps if step.amount or step.what == "units"))
