"""Sending something else instead of giving money back: a linked order that costs nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from api.actors import Actor
from audit.verbs import verb
from catalog.models import Product
from inventory.callers import own_warehouses
from kernel.errors import Invalid
from orders.actions import refusal
from orders.events import ReturnExchanged
from orders.models import Order, OrderAddress, OrderLine, Return, ReturnLine
from orders.models.order import ADDRESS_FIELDS
from orders.pricing.basket import Basket, Wanted, price
from orders.pricing.ledger import Cut, Step
from orders.pricing.quote import Line, Shipping, Tax
from orders.returning.paid_for import is_given_back, lock_roots
from orders.services.advance import advance
from orders.services.carts import Owner
from orders.services.place import Draft, create, refuse
from orders.services.read import pick_lines
from orders.services.returns import find_return, tell
from orders.states import ReturnState


@dataclass(frozen=True, slots=True)
class Swap:
    """Received units of a line, replaced by as many of `sku`: the same product, or another variant of it."""

    line_id: int
    quantity: int
    sku: str = ""


@verb
def exchange_return(*, return_id: int, swaps: Sequence[Swap], by: Actor) -> Return:
    """Place an order for what replaces received units, at their price and wholly discounted, and take its stock.

    What was paid stays with the first order, and so is not suggested for a refund, unless the replacement is cancelled
    or comes back. Raises `NotAllowedNow` (not received, exchanged before), `TooMany`, `Invalid` (not a variant),
    `ProductUnavailable`, `InsufficientStock`, and `NotAllowedNow` for units whose money has gone back.
    """
    roots = lock_roots(return_id)
    order, ret = find_return(return_id)
    if ret.status != ReturnState.RECEIVED:
        raise refusal(order, "Only what has been received is exchanged.")
    if ret.exchange_order_id is not None:
        raise refusal(order, "This return is exchanged already.")
    chosen = _choose(order, ret, swaps)
    if is_given_back(order, ret, {line.pk: swap.quantity for line, swap in chosen.items()}, roots):
        raise refusal(order, "What was paid for these units has gone back already.", field="lines")
    basket = _priced(order, ret, chosen)
    exchange = create(_draft(order, basket), by=by)
    parts = {part.line_id: part for part in ret.lines.all()}
    for (line, swap), placed in zip(chosen.items(), exchange.lines.all(), strict=True):
        parts[line.pk].exchanged, parts[line.pk].exchange_line = swap.quantity, placed
    ReturnLine.objects.bulk_update(parts.values(), ["exchanged", "exchange_line"])
    ret.exchange_order = exchange
    ret.save(update_fields=["exchange_order"])
    advance(order, list(order.lines.all()), verb="exchange_return", by=by, reason=f"by order {exchange.number}")
    return tell(order, ret, ReturnExchanged, by)


def replacements(line: OrderLine) -> list[Product]:
    """What a line can be exchanged for: its product and the other variants, as far as they are on sale."""
    product = Product.objects.get(pk=line.product_id)
    family = product.variant_of_id or product.pk
    found = Product.objects.filter(published=True, archived_at=None)
    return list((found.filter(pk=product.pk) | found.filter(variant_of=family)).order_by("sku"))


def _choose(order: Order, ret: Return, swaps: Sequence[Swap]) -> dict[OrderLine, Swap]:
    if len({swap.line_id for swap in swaps}) < len(swaps):
        raise Invalid("Name each line once.", field="lines")
    room = dict.fromkeys((line.pk for line in order.lines.all()), 0)
    room |= {part.line_id: part.received for part in ret.lines.all()}
    lines = pick_lines(order, {swap.line_id: swap.quantity for swap in swaps}, room)
    if not lines:
        raise Invalid("Name at least one line.", field="lines")
    by_line = {swap.line_id: swap for swap in swaps}
    chosen = {line: by_line[line.pk] for line in lines}
    for place, (line, swap) in enumerate(chosen.items()):
        if swap.sku and swap.sku not in {product.sku for product in replacements(line)}:
            raise Invalid(f"{swap.sku} is not a variant of {line.sku}.", field=f"lines.{place}.sku")
    return chosen


def _priced(order: Order, ret: Return, chosen: Mapping[OrderLine, Swap]) -> Basket:
    """At the price that was paid for each, sent the usual way, and then all of it taken off."""
    wanted = Wanted(
        lines=[(swap.sku or line.sku, swap.quantity) for line, swap in chosen.items()],
        currency=order.currency,
        email=order.email,
        shipping_address=_address(order, OrderAddress.Kind.SHIPPING),
        user_id=order.user_id,
        has_account=bool(order.user_id or order.partner_id),
        agreed_prices={place: line.unit_price for place, line in enumerate(chosen)},
    )
    basket = price(wanted, check_stock=False)
    refuse(basket.problems)
    quote = basket.quote
    shipping = _free_shipping(quote.shipping) if quote.shipping else None
    steps = [step for step in quote.explanation if step.step == "item"]
    detail = f"In exchange for what return {ret.number} of order {order.number} brought back."
    steps.append(Step("exchange", ret.number, -quote.subtotal, detail, base=quote.subtotal))
    lines = tuple(_free(line, ret) for line in quote.lines)
    return replace(basket, quote=replace(quote, lines=lines, shipping=shipping, explanation=tuple(steps)))


def _free(line: Line, ret: Return) -> Line:
    cut = Cut(ret.pk, "", f"Exchange {ret.number}", line.gross, line.gross, source="exchange")
    return replace(line, cuts=(cut,) if line.gross else (), tax_due=Tax())


def _free_shipping(shipping: Shipping) -> Shipping:
    return replace(shipping, price=Decimal(0), discount=Decimal(0), discount_code="", tax_due=Tax())


def _draft(order: Order, basket: Basket) -> Draft:
    return Draft(
        owner=Owner(user_id=order.user_id, partner_id=order.partner_id, warehouses=own_warehouses(order.partner)),
        email=order.email,
        basket=basket,
        shipping_address=_address(order, OrderAddress.Kind.SHIPPING) or {},
        billing_address=_address(order, OrderAddress.Kind.BILLING),
    )


def _address(order: Order, kind: str) -> dict[str, str] | None:
    found = next((address for address in order.addresses.all() if address.kind == kind), None)
    return {name: getattr(found, name) for name in ADDRESS_FIELDS} if found else None
