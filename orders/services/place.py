"""Placing an order: a basket becomes a promise, with its stock locked until it is paid or expires."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from api.actors import Actor
from api.transactions import constraint_name
from audit.log import publish
from audit.verbs import verb
from inventory.services import Want, reserve
from kernel.errors import FieldProblem, Invalid
from orders.codes.redeem import Used, confirm_codes, reserve_codes
from orders.errors import CodeNotApplicable, EmptyCart, NotDeliverable, PriceChanged, ProductUnavailable, ReferenceTaken
from orders.events import OrderPaid, OrderPlaced
from orders.models import Cart, Order, OrderAddress, OrderLine
from orders.models.order import ADDRESS_FIELDS
from orders.pricing.basket import Basket, Problem, Wanted, price
from orders.pricing.delivery import promise_of, ship_by_instant
from orders.services.advance import derive, promise_from, write_transition
from orders.services.carts import Owner, check_shipping_method, hold_buyer, lock_open_cart, read_basket, wanted_of
from orders.services.charges import explain, lines_of, write_charges
from orders.services.look import look_for_stock
from orders.services.read import remember_parts
from orders.services.waiting import destination_of, note_waiting
from orders.tax.booking import remember_calculation

REFUSALS = {refusal.code: refusal for refusal in (EmptyCart, ProductUnavailable, CodeNotApplicable, NotDeliverable)}
Address = Mapping[str, str]
# The second is the one that was there before test orders: while a shop is upgraded there are both.
ONCE_PER_PARTNER = frozenset({"order_reference_is_unique", "order_reference_once_per_partner"})


@dataclass(frozen=True, slots=True)
class Draft:
    """An order about to be placed, whichever way it came."""

    owner: Owner
    email: str
    basket: Basket
    shipping_address: Address
    billing_address: Address | None = None
    shipping_method: str = ""
    discount_codes: Sequence[str] = ()
    reference: str = ""
    placed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DirectOrder:
    """An order in one call, as partners and staff send it. `lines` are (sku, quantity).

    An order taken over from another system brings its own `placed_at` and `agreed_prices` (by index of the line).
    """

    owner: Owner
    lines: Sequence[tuple[str, int]]
    shipping_address: Address
    email: str = ""
    billing_address: Address | None = None
    shipping_method: str = ""
    discount_codes: Sequence[str] = ()
    reference: str = ""
    currency: str = ""
    placed_at: datetime | None = None
    agreed_prices: Mapping[int, Decimal] = field(default_factory=dict)


@verb
def place_order(*, cart_id: UUID, owner: Owner, by: Actor) -> Order:
    """Turn a cart into an order at the total it was last shown with, and lock its stock.

    Raises `NotFound` (another's cart), `NotAllowedNow` (already placed), `EmptyCart`, `ProductUnavailable`,
    `CodeNotApplicable`, `PriceChanged`, `Invalid` (an address or e-mail is missing), `InsufficientStock`,
    `AccountClosed`.
    """
    hold_buyer(owner)
    cart = lock_open_cart(cart_id, owner)
    basket = read_basket(cart, owner, check_stock=False)
    refuse(basket.problems)
    if cart.seen_total is not None and cart.seen_total != basket.quote.total:
        raise PriceChanged()
    draft = Draft(
        owner=owner,
        email=cart.email or owner.email,
        basket=basket,
        shipping_address=cart.shipping_address or {},
        billing_address=cart.billing_address,
        shipping_method=cart.shipping_method,
        discount_codes=cart.discount_codes,
    )
    order = create(draft, by=by)
    Cart.objects.filter(pk=cart.pk).update(order=order, updated_at=timezone.now())
    return order


@verb
def place_direct_order(*, direct: DirectOrder, by: Actor) -> Order:
    """Place an order in one call. `reference` is unique per partner, among its test orders too: the second with it is
    refused.

    Raises as `place_order`, and `ReferenceTaken`.
    """
    hold_buyer(direct.owner)
    check_shipping_method(direct.shipping_method)
    basket = price(wanted_directly(direct), check_stock=False)
    refuse(basket.problems)
    draft = Draft(
        owner=direct.owner,
        email=direct.email or direct.owner.email,
        basket=basket,
        shipping_address=direct.shipping_address,
        billing_address=direct.billing_address,
        shipping_method=direct.shipping_method,
        discount_codes=direct.discount_codes,
        reference=direct.reference,
        placed_at=direct.placed_at,
    )
    return create(draft, by=by)


def wanted_directly(direct: DirectOrder) -> Wanted:
    """What an order in one call wants."""
    has_account = bool(direct.owner.email or direct.owner.partner_id)
    wanted = wanted_of(direct, direct.lines, user_id=direct.owner.user_id, has_account=has_account)
    email = direct.email or direct.owner.email
    return replace(
        wanted,
        email=email,
        agreed_prices=direct.agreed_prices,
        at=direct.placed_at,
        given=direct.owner.given,
        warehouses=direct.owner.warehouses,
    )


def refuse(problems: Sequence[Problem]) -> None:
    """The first problem decides the code; all are named."""
    if not problems:
        return
    first = problems[0]
    named = [FieldProblem(problem.field, problem.code, problem.detail) for problem in problems]
    reason = {"reason": first.reason} if first.reason else {}
    raise REFUSALS.get(first.code, Invalid)(first.detail, problems=named, **reason)


def create(draft: Draft, *, by: Actor) -> Order:
    """Write a priced order and take its stock, in the transaction of the verb that calls."""
    order = _new_order(draft)
    lines = lines_of(order, draft.basket.quote, draft.basket.facts)
    # All of the order is known before it is written: it needs one statement, and its history one row.
    becomes_paid = derive(order, lines)
    _insert(order)
    OrderLine.objects.bulk_create(lines)
    addresses = OrderAddress.objects.bulk_create(_addresses(order, draft))
    write_charges(order, lines, draft.basket.quote)
    wants = [Want(line_id=line.pk, sku=line.sku, quantity=line.quantity) for line in lines]
    if order.test:
        look_for_stock(wants, own=draft.owner.warehouses)
    else:
        _take(order, draft, lines, wants)
    write_transition(order, verb="place", before="", by=by)
    publish(OrderPlaced(order_id=order.pk, version=order.version), by=by)
    if becomes_paid:
        confirm_codes(order)
        publish(OrderPaid(order_id=order.pk, version=order.version), by=by)
    remember_parts(order, lines=lines, addresses=addresses, shipments=[], returns=[], holds=[])
    return order


def _take(order: Order, draft: Draft, lines: Sequence[OrderLine], wants: Sequence[Want]) -> None:
    """What an order has that others can then not have: the provider's calculation, uses of codes, stock."""
    basket = draft.basket
    if basket.calculation is not None:
        remember_calculation(
            order_id=order.pk,
            provider=settings.TAX_PROVIDER,
            calculation=basket.calculation.id,
            amount=basket.calculation.total,
        )
    used = [Used(code, amount) for code, amount in basket.quote.used]
    reserve_codes(order, used, email=basket.email)
    to = destination_of(draft.shipping_address)
    promised = reserve(
        order_id=order.pk,
        wants=wants,
        expires_at=order.expires_at,
        number=order.number,
        to=to,
        own=draft.owner.warehouses,
    )
    if note_waiting(lines, promised):
        promise_from(order.created_at, order, lines)
        order.save(update_fields=["ship_by", "deliver_by"])


def _new_order(draft: Draft) -> Order:
    quote, now = draft.basket.quote, timezone.now()
    promised = promise_of(quote.shipping.offer, draft.placed_at or now) if quote.shipping else None
    return Order(
        reference=draft.reference,
        user_id=draft.owner.user_id,
        partner_id=draft.owner.partner_id,
        test=draft.owner.test,
        email=draft.email,
        currency=quote.currency,
        subtotal=quote.subtotal,
        discount_total=quote.discount_total,
        shipping_total=quote.shipping_total,
        tax_total=quote.tax_total,
        included_tax_total=quote.included_tax_total,
        total=quote.total,
        shipping_method=quote.shipping.code if quote.shipping else "",
        discount_codes=[code for code, _ in quote.used],
        explanation=explain(quote),
        created_at=draft.placed_at or now,
        expires_at=now + timedelta(minutes=settings.SHOP_RESERVATION_MINUTES),
        ship_by=ship_by_instant(promised) if promised else None,
        deliver_by=promised.deliver_by if promised else None,
    )


def _insert(order: Order) -> None:
    try:
        order.save(force_insert=True)
    except IntegrityError as error:
        if constraint_name(error) in ONCE_PER_PARTNER:
            raise ReferenceTaken(field="reference") from error
        raise


def _addresses(order: Order, draft: Draft) -> list[OrderAddress]:
    kinds = {OrderAddress.Kind.SHIPPING: draft.shipping_address, OrderAddress.Kind.BILLING: draft.billing_address}
    return [
        OrderAddress(order=order, kind=kind, **{name: given.get(name, "") for name in ADDRESS_FIELDS})
        for kind, given in kinds.items()
        if given
    ]
