"""Whether the money for units that came back has gone back as well, so that nothing is sent in exchange for them.

Units of an exchange cost nothing themselves: what was paid for them lies with the order at the root of the chain.
"""

from collections.abc import Collection, Mapping

from kernel.money import ZERO
from orders.models import Order, Return, ReturnLine
from orders.pricing.quote import value_of_units
from orders.returning.refunds import exchange_kept, suggestions
from orders.services.read import lock_order


def lock_roots(return_id: int) -> dict[int, tuple[Order, int]]:
    """{line id: (the order where its units were paid for, id of the part of a return that they replace)} for the lines
    of a return that hold an exchange.

    Those orders are locked, in the order of their ids; all are older than the order of the return, which the caller
    locks next. What replaces what never changes, so it is read before.
    """
    found: dict[int, ReturnLine] = {}
    lines = ReturnLine.objects.filter(ret=return_id).values_list("line", flat=True)
    above = {line_id: line_id for line_id in lines}
    while rows := _replaced_by(above):
        found |= {line_id: rows[at] for at, line_id in above.items() if at in rows}
        above = {rows[at].line_id: line_id for at, line_id in above.items() if at in rows}
    orders = {order_id: lock_order(order_id) for order_id in sorted({part.ret.order_id for part in found.values()})}
    return {line_id: (orders[part.ret.order_id], part.pk) for line_id, part in found.items()}


def _replaced_by(lines: Collection[int]) -> dict[int, ReturnLine]:
    found = ReturnLine.objects.filter(exchange_line__in=lines).select_related("ret") if lines else ()
    return {part.exchange_line_id: part for part in found if part.exchange_line_id}


def is_given_back(order: Order, ret: Return, units: Mapping[int, int], roots: Mapping[int, tuple[Order, int]]) -> bool:
    """Whether of what is refunded for a return less is left than these units ({line id: units}) are worth. Goodwill
    counts, as it does in what is suggested.
    """
    parts = {part.line_id: part for part in ret.lines.all()}
    asked = {(order.pk, ret.pk): {parts[line_id].pk: count for line_id, count in units.items()}}
    known = {order.pk: order}
    for line_id, count in units.items():
        if line_id in roots:
            root, part_id = roots[line_id]
            above = next(found for found in root.returns.all() if part_id in {part.pk for part in found.lines.all()})
            asked.setdefault((root.pk, above.pk), {})[part_id] = count
            known[root.pk] = root
    return any(_lacks(known[order_id], return_id, counts) for (order_id, return_id), counts in asked.items())


def _lacks(order: Order, return_id: int, units: Mapping[int, int]) -> bool:
    ret = next(found for found in order.returns.all() if found.pk == return_id)
    found = suggestions(order).get(ret.number)
    if found is None or not any(step.what == "refunded" for step in found.steps):
        return False
    worth = (
        value_of_units(
            part.value or ZERO, part.received, first=exchange_kept(part), count=units[part.pk], currency=order.currency
        )
        for part in ret.lines.all()
        if part.pk in units
    )
    return sum(worth, ZERO) > found.amount
