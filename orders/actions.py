"""What may be done with an order now, and why not: one place for services, answers and buttons."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from kernel.errors import NotAllowedNow, Refused
from orders.errors import OnHold, OrderIsTest
from orders.models import Order
from orders.returning.rules import WINDOW_CLOSED, Chance, chances, on_their_way_back
from orders.states import Paid, ReturnState, ShipmentStatus, Status, Units


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the guards look at."""

    status: str
    units: Units
    money: Paid
    open_holds: tuple[str, ...] = ()
    packed_packages: int = 0
    shipped_packages: int = 0
    returns_requested: int = 0
    returns_approved: int = 0
    units_in_returns: int = 0
    # Read only where something was delivered that is not on its way back.
    chances: tuple[Chance, ...] = ()
    test: bool = False


def facts_of(order: Order) -> Facts:
    """From an order read with `whole()`."""
    shipments = [shipment.status for shipment in order.shipments.all()]
    states = [ret.status for ret in order.returns.all()]
    units = Units.total([line.units for line in order.lines.all()])
    in_returns = sum(on_their_way_back(order).values())
    return Facts(
        status=order.status,
        units=units,
        money=order.money(),
        open_holds=tuple(hold.kind for hold in order.holds.all() if hold.released_at is None),
        packed_packages=shipments.count(ShipmentStatus.PACKED),
        shipped_packages=shipments.count(ShipmentStatus.SHIPPED),
        returns_requested=states.count(ReturnState.REQUESTED),
        returns_approved=states.count(ReturnState.APPROVED),
        units_in_returns=in_returns,
        chances=_chances(order) if units.delivered - units.returned - in_returns > 0 else (),
        test=order.test,
    )


def _chances(order: Order) -> tuple[Chance, ...]:
    """As attached to an order of a list (`attach_parts`), else read now."""
    known: Sequence[Chance] | None = getattr(order, "return_chances", None)
    return tuple(chances(order) if known is None else known)


def _pay(facts: Facts) -> Refused | None:
    if facts.test:
        return OrderIsTest()
    if facts.status == Status.CANCELLED:
        return NotAllowedNow("The order is cancelled.")
    return NotAllowedNow("The order is paid.") if facts.money.is_settled else None


def _cancel(facts: Facts) -> Refused | None:
    if facts.status == Status.CANCELLED:
        return NotAllowedNow("The order is already cancelled.")
    if facts.units.packed:
        return NotAllowedNow("Part of the order is packed. Unpack it first, or cancel single lines.")
    return None


def _cancel_lines(facts: Facts) -> Refused | None:
    if facts.status == Status.CANCELLED:
        return NotAllowedNow("The order is already cancelled.")
    return None if facts.units.unpacked else NotAllowedNow("All of the order is packed.")


def _change_address(facts: Facts) -> Refused | None:
    if facts.status == Status.CANCELLED:
        return NotAllowedNow("The order is cancelled.")
    return NotAllowedNow("Part of the order is packed.") if facts.units.packed else None


def _edit(facts: Facts) -> Refused | None:
    if facts.status == Status.CANCELLED:
        return NotAllowedNow("The order is cancelled.")
    return NotAllowedNow("Part of the order is packed. Unpack it first.") if facts.units.packed else None


def _hold(facts: Facts) -> Refused | None:
    held_back = facts.units.unpacked or facts.packed_packages
    return None if held_back else NotAllowedNow("Nothing is left to be held back.")


def _release_hold(facts: Facts) -> Refused | None:
    return None if facts.open_holds else NotAllowedNow("The order is not on hold.")


def _pack(facts: Facts) -> Refused | None:
    if facts.test:
        return OrderIsTest()
    if facts.status == Status.CANCELLED:
        return NotAllowedNow("The order is cancelled.")
    if facts.status == Status.PENDING or not facts.money.is_settled:
        return NotAllowedNow("The order is not paid.")
    if not facts.units.unpacked:
        return NotAllowedNow("Nothing is left to be packed.")
    if facts.open_holds:
        return OnHold()
    return None


def _ship(facts: Facts) -> Refused | None:
    if facts.test:
        return OrderIsTest()
    if not facts.packed_packages:
        return NotAllowedNow("There is no packed package.")
    if not facts.money.is_settled:
        return NotAllowedNow("The order is no longer paid for.")
    return OnHold() if facts.open_holds else None


def _cancel_shipment(facts: Facts) -> Refused | None:
    if facts.test:
        return OrderIsTest()
    return None if facts.packed_packages else NotAllowedNow("There is no packed package.")


def _deliver(facts: Facts) -> Refused | None:
    if facts.test:
        return OrderIsTest()
    return None if facts.shipped_packages else NotAllowedNow("There is no package on its way.")


def nothing_to_return(facts: Facts) -> Refused | None:
    """What stops staff, too, who may open a return against the rules."""
    left = facts.units.delivered - facts.units.returned - facts.units_in_returns
    return None if left > 0 else NotAllowedNow("Nothing has been delivered that could be returned.")


def _request_return(facts: Facts) -> Refused | None:
    if (found := nothing_to_return(facts)) is not None:
        return found
    if not any(not chance.why_not for chance in facts.chances):
        return no_chance([chance for chance in facts.chances if chance.units])
    return None


def no_chance(asked: Sequence[Chance]) -> NotAllowedNow:
    """Why none of these lines can be sent back: too late, with the end of the last window, or never."""
    ends = [chance.until for chance in asked if chance.why_not == WINDOW_CLOSED and chance.until]
    if not ends:
        return NotAllowedNow("This cannot be returned.")
    last = max(ends)
    day = last.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE))
    return NotAllowedNow(f"It could be returned until {day:%-d %B %Y}.", return_until=last)


def _approve_return(facts: Facts) -> Refused | None:
    return None if facts.returns_requested else NotAllowedNow("No return waits for a decision.")


def _reject_return(facts: Facts) -> Refused | None:
    open_returns = facts.returns_requested + facts.returns_approved
    return None if open_returns else NotAllowedNow("No return is open.")


def _receive_return(facts: Facts) -> Refused | None:
    return None if facts.returns_approved else NotAllowedNow("No approved return is awaited.")


GUARDS: Mapping[str, Callable[[Facts], Refused | None]] = {
    "pay": _pay,
    "cancel": _cancel,
    "cancel_lines": _cancel_lines,
    "change_address": _change_address,
    "edit": _edit,
    "hold": _hold,
    "release_hold": _release_hold,
    "pack": _pack,
    "ship": _ship,
    "cancel_shipment": _cancel_shipment,
    "deliver": _deliver,
    "request_return": _request_return,
    "approve_return": _approve_return,
    "reject_return": _reject_return,
    "receive_return": _receive_return,
}


def guard(action: str, order: Order) -> Facts:
    """Raise the refusal of an action on an order, carrying what is possible instead; else return the facts."""
    facts = facts_of(order)
    found = GUARDS[action](facts)
    if found is not None:
        found.extra["available_actions"] = available(facts)
        raise found
    return facts


def refusal(order: Order, detail: str, *, field: str | None = None) -> NotAllowedNow:
    """A refusal that no guard makes, such as a package's own, carrying what is possible with the order instead."""
    return NotAllowedNow(detail, field=field, available_actions=available(facts_of(order)))


def available(facts: Facts) -> list[str]:
    return [action for action, check in GUARDS.items() if check(facts) is None]


def refused(facts: Facts) -> dict[str, str]:
    """The actions that are not possible now, each with the code of its refusal."""
    return {action: found.code for action, check in GUARDS.items() if (found := check(facts)) is not None}
