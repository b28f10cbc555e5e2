"""What units and shipping are worth when they are refunded: exactly what was paid for them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from kernel.errors import NotAllowedNow
from kernel.money import ZERO
from orders.models import Order, OrderLine
from orders.pricing.quote import value_of_units
from orders.returning.refunds import exchange_kept
from orders.services.read import pick_lines
from payments.models import Refund, RefundLine
from payments.states import TransferStatus


@dataclass(frozen=True, slots=True)
class Part:
    """Units of a line, or (without a line) the shipping, and what they are worth."""

    line_id: int | None
    quantity: int
    amount: Decimal


def priced_parts(order: Order, *, lines: Mapping[int, int], shipping: bool) -> list[Part]:
    """The parts with their worth, unit by unit as they were paid, so that all units together give back all of a line.

    The caller holds the order's lock. Raises `NotFound` (another order's line), `TooMany` (units cancelled, refunded
    or exchanged before), `NotAllowedNow` (the shipping was refunded before, or cost nothing).
    """
    refunded = refunded_units(order)
    used = {line.pk: line.cancelled + refunded.get(line.pk, 0) for line in order.lines.all()}
    kept = exchanged_units(order)
    room = {line.pk: max(line.quantity - used[line.pk] - kept[line.pk], 0) for line in order.lines.all()}
    parts = [
        Part(
            line.pk,
            quantity,
            value_of_units(line.total, line.quantity, first=used[line.pk], count=quantity, currency=order.currency),
        )
        for line, quantity in pick_lines(order, lines, room).items()
    ]
    if shipping:
        if None in refunded or not shipping_value(order):
            raise NotAllowedNow("There is no shipping left to refund.", field="shipping")
        parts.append(Part(None, 0, shipping_value(order)))
    return parts


def exchanged_units(order: Order) -> Counter[int]:
    """{line id: units that came back and for which the customer has others instead}."""
    kept = Counter[int]()
    for ret in order.returns.all():
        for part in ret.lines.all():
            kept[part.line_id] += exchange_kept(part)
    return kept


def shipping_value(order: Order) -> Decimal:
    """What was paid for the shipping, its tax included: what the total has beside its lines."""
    return order.total - sum((line.total for line in order.lines.all()), ZERO)


def refunded_units(order: Order) -> dict[int | None, int]:
    """{line id: units refunded}; None stands for the shipping, once it was."""
    rows = RefundLine.objects.filter(refund__payment__order=order).exclude(refund__status=TransferStatus.FAILED)
    return dict(rows.values_list("line").annotate(units=Sum("quantity")).order_by())


def refunded_before_cancelled(order: Order) -> Decimal:
    """How much of what was cancelled since had gone back with its line before, so that no line gives more than it
    was paid. Nothing for an order cancelled as a whole: all of its money goes back.
    """
    if order.cancelled_total == order.total:
        return ZERO
    rows = RefundLine.objects.filter(refund__payment__order=order, line__cancelled__gt=0)
    refunded = dict(
        rows.exclude(refund__status=TransferStatus.FAILED).values_list("line").annotate(sum=Sum("amount")).order_by()
    )
    lines = (line for line in order.lines.all() if line.pk in refunded)
    return sum((max(refunded[line.pk] + _cancelled_value(order, line) - line.total, ZERO) for line in lines), ZERO)


def taxed_part(refund_id: int) -> Decimal:
    """What of a refund was for goods and shipping, tax included: gift cards are not taxed."""
    refund = Refund.objects.get(pk=refund_id)
    cards = refund.lines.filter(line__product__is_gift_card=True)
    untaxed: Decimal = cards.aggregate(sum=Sum("amount", default=ZERO))["sum"]
    return refund.amount - untaxed


def _cancelled_value(order: Order, line: OrderLine) -> Decimal:
    return value_of_units(line.total, line.quantity, first=0, count=line.cancelled, currency=order.currency)
