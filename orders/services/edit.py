"""Changing an order before it is packed: fewer or more units, other goods, another address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from catalog.assortment import Assortment
from inventory.callers import own_warehouses
from inventory.errors import InsufficientStock
from inventory.services import Want, lock_for_exchange, reserve
from kernel.errors import FieldProblem, Invalid, NotFound
from orders.actions import guard, refusal
from orders.errors import ProductUnavailable
from orders.events import OrderEdited
from orders.models import Order, OrderLine, TaxDocument
from orders.pricing.basket import Wanted, read_terms
from orders.pricing.quote import Quote, before_tax
from orders.services.address import put_address, shipping_address_of
from orders.services.advance import advance, promise_from
from orders.services.cancel import cancel_units
from orders.services.carts import MAX_LINES
from orders.services.charges import explain, lines_of, write_charges
from orders.services.look import look_for_stock
from orders.services.read import lock_order, reread_lines
from orders.services.waiting import destination_of, note_waiting, shipping_address
from orders.tax.quoting import tax

REASON_LENGTH = 200
EDITED = "edited"


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to become of an order.

    `quantities`: {line id: units that shall be left of it}, 0 takes it away; `replaced`: {line id: SKU} for all that
    is left of it; `added`: (SKU, units). `given`: what may be sold to whoever asks; None: everything.
    """

    quantities: Mapping[int, int] = field(default_factory=dict)
    replaced: Mapping[int, str] = field(default_factory=dict)
    added: Sequence[tuple[str, int]] = ()
    shipping_address: Mapping[str, str] | None = None
    given: Assortment | None = None


@dataclass(slots=True)
class Plan:
    """The changes as units: dropped by line id, wanted by SKU. `fields` says which input asked for a SKU."""

    dropped: dict[int, int] = field(default_factory=dict)
    wanted: dict[str, int] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)

    def want(self, sku: str, units: int, path: str) -> None:
        self.wanted[sku] = self.wanted.get(sku, 0) + units
        self.fields.setdefault(sku, path)


@verb
def edit_order(*, order_id: int, changes: Changes, by: Actor) -> Order:
    """Change an order that is not packed. Units that stay keep what was promised of them, added ones cost what they
    cost now; stock is given back and reserved at once. What it costs less goes back, what it costs more is asked for:
    nothing is packed before, and what was added to a paid order is held no longer than that of an unpaid one.

    Raises `NotAllowedNow` (packed, cancelled, nothing would be left), `Invalid`, `NotFound` (another's line),
    `ProductUnavailable`, `InsufficientStock`.
    """
    order = lock_order(order_id)
    guard("edit", order)
    plan = _plan(order, changes)
    if not plan.dropped and not plan.wanted and changes.shipping_address is None:
        raise Invalid("Nothing would change.", field="lines")
    _check_what_is_left(order, plan)
    if changes.shipping_address is not None:
        put_address(order, changes.shipping_address)
    lines = _add(order, plan, _price(order, plan, changes.given)) if plan.wanted else []
    reread_lines(order)
    _exchange(order, plan, lines)
    advance(order, list(order.lines.all()), verb="edit", by=by, reason=_says(order, plan, changes))
    publish(OrderEdited(order_id=order.pk, version=order.version), by=by)
    return order


def _plan(order: Order, changes: Changes) -> Plan:
    own = {line.pk: line for line in order.lines.all()}
    plan = Plan()
    for place, (line_id, units) in enumerate(changes.quantities.items()):
        line = _own(own, line_id)
        if units < line.units.live:
            plan.dropped[line_id] = line.units.live - units
        elif units > line.units.live:
            plan.want(line.sku, units - line.units.live, f"lines.{place}.quantity")
    for line_id, sku in changes.replaced.items():
        line = _own(own, line_id)
        if not line.units.live:
            raise refusal(order, f"Nothing is left of {line.sku}.", field="lines")
        if sku != line.sku:
            plan.dropped[line_id] = line.units.live
            plan.want(sku, line.units.live, "lines")
    for place, (sku, units) in enumerate(changes.added):
        plan.want(sku, units, f"add.{place}.sku")
    return plan


def _own(own: Mapping[int, OrderLine], line_id: int) -> OrderLine:
    if line_id not in own:
        raise NotFound(f"Line {line_id} is not part of this order.", field="lines")
    return own[line_id]


def _check_what_is_left(order: Order, plan: Plan) -> None:
    live = sum(line.units.live for line in order.lines.all())
    if live + sum(plan.wanted.values()) == sum(plan.dropped.values()):
        raise refusal(order, "Nothing would be left of the order. Cancel it instead.", field="lines")
    if plan.wanted and TaxDocument.objects.filter(order=order).exists():
        raise refusal(order, "Its taxes are with a tax provider: order what is missing anew.", field="add")
    if len(order.lines.all()) + len(plan.wanted) > MAX_LINES:
        raise Invalid(f"An order has at most {MAX_LINES} lines.", field="add")


def _price(order: Order, plan: Plan, given: Assortment | None) -> tuple[Quote, list[OrderLine]]:
    """The added units as a quote of their own, at today's prices and automatic rules. The codes of the order were
    counted with what they took off then, and its shipping was agreed: neither is worked out anew.
    """
    wanted = Wanted(
        lines=list(plan.wanted.items()),
        currency=order.currency,
        email=order.email,
        shipping_address=shipping_address_of(order),
        shipping_method=order.shipping_method,
        user_id=order.user_id,
        given=given,
    )
    read = read_terms(wanted)
    cards = [facts.sku for _, _, facts in read.kept if facts.is_gift_card]
    problems = [
        *((list(plan.wanted)[problem.item or 0], problem.detail) for problem in read.problems),
        *((sku, "Gift cards are bought with an order of their own.") for sku in cards),
    ]
    if problems:
        named = [FieldProblem(plan.fields[sku], ProductUnavailable.code, detail) for sku, detail in problems]
        raise ProductUnavailable(named[0].detail, problems=named)
    quoted, _ = tax(before_tax(read.items, replace(read.terms, offers=())), read.address, ask=False)
    return quoted, lines_of(order, quoted, [facts for _, _, facts in read.kept])


def _add(order: Order, plan: Plan, priced: tuple[Quote, list[OrderLine]]) -> list[OrderLine]:
    """Write the added lines with how their totals came about, and add them to the order's."""
    quoted, lines = priced
    OrderLine.objects.bulk_create(lines)
    write_charges(order, lines, quoted)
    order.subtotal += quoted.subtotal
    order.discount_total += quoted.discount_total
    order.tax_total += quoted.tax_total
    order.included_tax_total += quoted.included_tax_total
    order.total += quoted.total
    order.explanation = [*order.explanation, *explain(quoted)]
    return lines


def _exchange(order: Order, plan: Plan, added: Sequence[OrderLine]) -> None:
    """Give back what is dropped and take what is added, both or neither."""
    wants = [Want(line_id=line.pk, sku=line.sku, quantity=line.quantity) for line in added]
    dropped = {line: plan.dropped[line.pk] for line in order.lines.all() if line.pk in plan.dropped}
    if not order.test:
        lock_for_exchange(order_id=order.pk, skus=list(plan.wanted))
    if dropped:
        cancel_units(order, dropped, EDITED)
    if not wants:
        return
    try:
        _take(order, added, wants)
    except InsufficientStock as lacking:
        items = lacking.extra["items"]
        lacking.problems = [
            FieldProblem(plan.fields[item["sku"]], lacking.code, f"Only {item['available']} available.")
            for item in items
        ]
        raise


def _take(order: Order, added: Sequence[OrderLine], wants: Sequence[Want]) -> None:
    own = own_warehouses(order.partner)
    if order.test:
        look_for_stock(wants, own=own)
        return
    if order.paid_at and order.money().outstanding:
        _hold_until_paid(order, added)
    promised = reserve(
        order_id=order.pk,
        wants=wants,
        expires_at=order.expires_at,
        number=order.number,
        to=destination_of(shipping_address(order)),
        own=own,
    )
    if note_waiting(added, promised) and order.paid_at:
        promise_from(order.paid_at, order, [*order.lines.all(), *added])


def _hold_until_paid(order: Order, added: Sequence[OrderLine]) -> None:
    """Nobody keeps for good what is not paid for. Another edit makes nobody wait longer for the first."""
    if order.expires_at is None:
        order.expires_at = timezone.now() + timedelta(minutes=settings.SHOP_RESERVATION_MINUTES)
    for line in added:
        line.unpaid = True
    OrderLine.objects.bulk_update(added, ["unpaid"])


def _says(order: Order, plan: Plan, changes: Changes) -> str:
    """`2 × MUG less, 1 × BOWL more, another address`, as far as there is room."""
    names = {line.pk: line.sku for line in order.lines.all()}
    said = [f"{units} × {names[line_id]} less" for line_id, units in plan.dropped.items()]
    said += [f"{units} × {sku} more" for sku, units in plan.wanted.items()]
    if changes.shipping_address is not None:
        said.append("another address")
    text = ", ".join(said)
    return text if len(text) <= REASON_LENGTH else f"{text[: REASON_LENGTH - 1]}…"
