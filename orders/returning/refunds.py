"""The suggestion read from an order and its returns."""

from collections.abc import Callable
from decimal import Decimal

from django.conf import settings
from django.utils.module_loading import import_string

from kernel.money import ZERO
from orders.models import Order, Return, ReturnLine
from orders.pricing.quote import value_of_units
from orders.returning.suggestion import Money, Received, Step, Suggestion, suggest
from orders.states import ReturnState


def suggestions(order: Order) -> dict[str, Suggestion]:
    """{number: what to refund now} for the received returns of an order read with its parts.

    Returns that were received before their worth was kept have none.
    """
    received = [ret for ret in order.returns.all() if ret.status == ReturnState.RECEIVED and _is_valued(ret)]
    received.sort(key=lambda ret: (ret.received_at, ret.pk))
    if not received:
        return {}
    money = Money(order.due, order.captured_total, order.refunded_total, refunds_underway(order.pk))
    return suggest([_received(ret, order) for ret in received], money)


def refunds_underway(order_id: int) -> Decimal:
    """What providers have been asked to give back and have not yet: the app above that knows is named in settings."""
    read: Callable[[int], Decimal] = import_string(settings.ORDER_REFUNDS_UNDERWAY)
    return read(order_id)


def exchange_kept(part: ReturnLine) -> int:
    """Units that the customer has, or will have, in exchange: not those cancelled or sent back since, unless something
    else was sent for these in turn. Reads only where some came back.
    """
    line = part.exchange_line
    if line is None:
        return 0
    again = ReturnLine.objects.filter(line=line, exchanged__gt=0).select_related("exchange_line")
    sent_again = sum(map(exchange_kept, again)) if line.returned else 0
    return min(part.exchanged, line.units.live - line.returned + sent_again)


def _is_valued(ret: Return) -> bool:
    return all(part.value is not None for part in ret.lines.all() if part.received)


def _received(ret: Return, order: Order) -> Received:
    lines = {line.pk: line for line in order.lines.all()}
    came = [part for part in ret.lines.all() if part.received]
    exchanged = sum(
        (
            value_of_units(
                part.value or ZERO, part.received, first=0, count=exchange_kept(part), currency=order.currency
            )
            for part in came
        ),
        ZERO,
    )
    return Received(
        number=ret.number,
        units=[Step("units", part.value or ZERO, f"{part.received} × {lines[part.line_id].name}") for part in came],
        shipping=ret.shipping,
        fee=ret.fee,
        exchanged=exchanged,
    )
