"""Carts: what somebody may buy, priced whenever it is looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings

from accounts.models import User
from api.actors import Actor
from audit.verbs import verb
from catalog.assortment import Assortment
from catalog.models import Product
from kernel.errors import Invalid, NotFound
from orders.errors import CartPlaced, ProductUnavailable
from orders.models import Cart, CartItem
from orders.pricing.basket import STANDARD, Basket, Wanted, price
from orders.pricing.buyer import buyer_column, parse_buyer
from orders.pricing.shop import shop

MAX_LINES = 500
MAX_QUANTITY = 1_000_000
CHANGEABLE = ("email", "shipping_address", "billing_address", "shipping_method", "discount_codes", "currency")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose cart or order: a customer's, a partner's, or a guest's who proved it with the token.

    Of a partner also whether it comes with a sandbox token, and what it was `given` to sell; None: everything. Whoever
    sees the stock of some `warehouses` only (their codes) orders from these; None: from all.
    """

    user_id: int | None = None
    partner_id: int | None = None
    email: str = ""  # the account's, used where none is given
    test: bool = False
    given: Assortment | None = None
    warehouses: frozenset[str] | None = None

    def owns(self, cart: Cart) -> bool:
        return (cart.user_id, cart.partner_id, cart.test) == (self.user_id, self.partner_id, self.test)


class Basketlike(Protocol):
    """What a cart and an order in one call have in common."""

    @property
    def email(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def discount_codes(self) -> Sequence[str]: ...
    @property
    def shipping_address(self) -> Any: ...
    @property
    def shipping_method(self) -> str: ...


@verb
def open_cart(*, owner: Owner, items: Sequence[tuple[str, int]], details: Mapping[str, Any], by: Actor) -> Cart:
    """Start a cart with items and details (any of `CHANGEABLE`). Raises as `add_item`, and `AccountClosed`."""
    hold_buyer(owner)
    check_shipping_method(details.get("shipping_method", ""))
    cart = Cart.objects.create(
        user_id=owner.user_id,
        partner_id=owner.partner_id,
        test=owner.test,
        **({"currency": settings.SHOP_CURRENCY} | {name: details[name] for name in CHANGEABLE if name in details}),
    )
    wanted: dict[str, int] = {}
    for sku, quantity in items:
        wanted[sku] = wanted.get(sku, 0) + quantity
    products = _published(wanted, owner)
    _check_room(0, wanted)
    CartItem.objects.bulk_create(
        CartItem(cart=cart, product=products[sku], quantity=quantity) for sku, quantity in wanted.items()
    )
    return cart


@verb
def change_cart(*, cart_id: UUID, owner: Owner, changes: Mapping[str, Any], by: Actor) -> Cart:
    """Change any of `CHANGEABLE`. Raises `AccountClosed`."""
    hold_buyer(owner)
    cart = lock_open_cart(cart_id, owner)
    check_shipping_method(changes.get("shipping_method", ""))
    for name in CHANGEABLE:
        if name in changes:
            setattr(cart, name, changes[name])
    cart.save()
    return cart


@verb
def add_item(*, cart_id: UUID, owner: Owner, sku: str, quantity: int, by: Actor) -> CartItem:
    """Put units of a product into the cart, on top of those already there. Raises `ProductUnavailable`."""
    cart = lock_open_cart(cart_id, owner)
    product = _published({sku: quantity}, owner)[sku]
    present = {item.product_id: item for item in cart.items.all()}
    item = present.get(product.pk) or CartItem(cart=cart, product=product, quantity=0)
    item.quantity += quantity
    _check_room(len(present), {sku: item.quantity})
    item.save()
    return item


@verb
def change_item(*, cart_id: UUID, owner: Owner, item_id: int, quantity: int, by: Actor) -> CartItem:
    """Set an item's quantity."""
    item = _item(lock_open_cart(cart_id, owner), item_id)
    item.quantity = quantity
    item.save()
    return item


@verb
def remove_item(*, cart_id: UUID, owner: Owner, item_id: int, by: Actor) -> None:
    """Take an item out."""
    _item(lock_open_cart(cart_id, owner), item_id).delete()


@verb
def merge_cart(*, cart_id: UUID, user_id: int, by: Actor) -> Cart:
    """Pour a guest's cart into the customer's own open one, or make it theirs. Units add up.

    Raises `AccountClosed`.
    """
    hold_buyer(Owner(user_id=user_id))
    guest = lock_open_cart(cart_id, Owner())
    own = (
        Cart.objects.select_for_update()
        .filter(user_id=user_id, order=None, currency=guest.currency)
        .order_by("-updated_at")
        .first()
    )
    if own is None:
        guest.user_id = user_id
        guest.save()
        return guest
    present = {item.product_id: item for item in own.items.all()}
    for item in guest.items.all():
        mine = present.get(item.product_id) or CartItem(cart=own, product_id=item.product_id, quantity=0)
        mine.quantity = min(mine.quantity + item.quantity, MAX_QUANTITY)
        mine.save()
    guest.delete()
    own.save()
    return own


def hold_buyer(owner: Owner) -> None:
    """Where a person buys: nobody closes their account or erases them meanwhile. Raises `AccountClosed`.

    Before any other lock.
    """
    if owner.user_id is not None:
        User.objects.keep_open(owner.user_id)


def lock_open_cart(cart_id: UUID, owner: Owner) -> Cart:
    """The owner's cart, locked. Raises `NotFound`, also for another's, and `CartPlaced`."""
    cart = Cart.objects.select_for_update().annotate(buyer=buyer_column("user")).filter(pk=cart_id).first()
    if cart is None or not owner.owns(cart):
        raise NotFound("There is no such cart.", field="cart")
    if cart.order_id is not None:
        raise CartPlaced(field="cart")
    return cart


def read_basket(cart: Cart, owner: Owner, *, check_stock: bool = True) -> Basket:
    """Price a cart as it is now."""
    lines = list(cart.items.values_list("product__sku", "quantity"))
    return price(wanted_by(cart, owner, lines), check_stock=check_stock)


def wanted_by(cart: Cart, owner: Owner, lines: Sequence[tuple[str, int]]) -> Wanted:
    """What its owner's cart wants; read with its `buyer`, it needs no further statement for who that is."""
    wanted = replace(wanted_of(cart, lines, user_id=cart.user_id), given=owner.given, warehouses=owner.warehouses)
    known = getattr(cart, "buyer", None)
    return wanted if known is None else replace(wanted, buyer=parse_buyer(known))


def wanted_of(
    source: Basketlike, lines: Sequence[tuple[str, int]], *, user_id: int | None, has_account: bool | None = None
) -> Wanted:
    """What a cart or an order in one call wants; `has_account` where no e-mail has to be given."""
    return Wanted(
        lines=lines,
        currency=source.currency or settings.SHOP_CURRENCY,
        discount_codes=source.discount_codes,
        email=source.email,
        shipping_address=source.shipping_address,
        shipping_method=source.shipping_method,
        user_id=user_id,
        has_account=user_id is not None if has_account is None else has_account,
    )


def remember_seen(cart: Cart, basket: Basket) -> None:
    """Keep the total just shown: an order is placed at no other."""
    if cart.seen_total != basket.quote.total and cart.order_id is None:
        Cart.objects.filter(pk=cart.pk, order=None).update(seen_total=basket.quote.total)


def _item(cart: Cart, item_id: int) -> CartItem:
    item = cart.items.filter(pk=item_id).first()
    if item is None:
        raise NotFound("There is no such item in the cart.", field="item")
    return item


def _published(wanted: Mapping[str, int], owner: Owner) -> dict[str, Product]:
    offered = Product.objects.given(owner.given).on_sale()
    found = {product.sku: product for product in offered.filter(sku__in=wanted)}
    missing = [sku for sku in wanted if sku not in found]
    if missing:
        raise ProductUnavailable(f"{missing[0]} is not on sale.", field="sku")
    return found


def _check_room(present: int, wanted: Mapping[str, int]) -> None:
    if present + len(wanted) > MAX_LINES:
        raise Invalid(f"A cart holds at most {MAX_LINES} products.", field="items")
    if any(quantity > MAX_QUANTITY for quantity in wanted.values()):
        raise Invalid(f"At most {MAX_QUANTITY} units of a product.", field="quantity")


def check_shipping_method(code: str) -> None:
    """Raises `Invalid` for a method that does not exist; whether it serves an address shows when it is priced."""
    if not code:
        return
    known = shop().methods or {STANDARD}
    if code not in known:
        raise Invalid(f"There is no such method. Known: {', '.join(sorted(known))}.", field="shipping_method")
