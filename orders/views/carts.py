"""Carts over HTTP."""

from dataclasses import replace
from typing import Any, ClassVar
from uuid import UUID

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import person
from accounts.permissions import IsPerson
from api.inputs import read_input
from api.pagination import plain_list
from api.tokens import derive_token, token_opens
from api.views import ViewSet
from kernel.errors import NotFound
from orders import schemas
from orders.codes.guesses import count_unknown_codes
from orders.models import Cart, CartItem
from orders.permissions import Viewer
from orders.pricing.basket import Basket, price
from orders.pricing.buyer import buyer_column
from orders.pricing.delivery import shipping_options
from orders.reading import read_items
from orders.representation import show_cart, show_option
from orders.serializers.inputs import CartChanges, CartInput, ItemInput, QuantityInput
from orders.services import (
    Owner,
    add_item,
    change_cart,
    change_item,
    merge_cart,
    open_cart,
    remember_seen,
    remove_item,
)
from orders.services.carts import wanted_by
from orders.views.base import ForViewer, owner_of

CART_TOKEN = "X-Cart-Token"  # noqa: S105  the name of a header


def holds_cart(request: Request, cart_id: UUID) -> bool:
    """Whether the caller shows the token of this cart."""
    return token_opens(request.headers.get(CART_TOKEN, ""), "cart", cart_id)


class CartViewSet(ForViewer, ViewSet):
    """A cart is its owner's: a customer's, a partner's, or whoever holds a guest cart's token."""

    serializer_class = CartInput  # for the schema
    needs_person: ClassVar[set[str]] = {"merge"}
    refuses: ClassVar[dict[str, set[str]]] = {"create": {"429"}, "partial_update": {"429"}}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action in {"create", "partial_update"}:
            count_unknown_codes(request)

    def get_permissions(self) -> list[Any]:
        return [IsPerson() if self.action in self.needs_person else AllowAny()]

    @schemas.OPEN_CART
    def create(self, request: Request) -> Response:
        details = read_input(CartInput, request).validated_data
        owner = owner_of(request)
        items = [(item["sku"], item["quantity"]) for item in details.pop("items")]
        cart = open_cart(owner=owner, items=items, details=details, by=self.actor)
        token = {"token": derive_token("cart", cart.pk)} if owner == Owner() else {}
        return Response(
            quoted(cart, owner, self.viewer) | token, status=201, headers={"Location": f"/api/v1/carts/{cart.pk}"}
        )

    @schemas.READ_CART
    def retrieve(self, request: Request, cart_id: UUID) -> Response:
        return self.shown(cart_id)

    @schemas.CHANGE_CART
    def partial_update(self, request: Request, cart_id: UUID) -> Response:
        changes = read_input(CartChanges, request).validated_data
        change_cart(cart_id=cart_id, owner=self.owner(cart_id), changes=changes, by=self.actor)
        return self.shown(cart_id)

    @schemas.ADD_ITEM
    def add_item(self, request: Request, cart_id: UUID) -> Response:
        given = read_input(ItemInput, request).validated_data
        add_item(cart_id=cart_id, owner=self.owner(cart_id), **given, by=self.actor)
        return self.shown(cart_id, status=201)

    @schemas.CHANGE_ITEM
    def change_item(self, request: Request, cart_id: UUID, item_id: int) -> Response:
        quantity = read_input(QuantityInput, request).validated_data["quantity"]
        owner = self.owner(cart_id)
        change_item(cart_id=cart_id, owner=owner, item_id=item_id, quantity=quantity, by=self.actor)
        return self.shown(cart_id)

    @schemas.REMOVE_ITEM
    def remove_item(self, request: Request, cart_id: UUID, item_id: int) -> Response:
        remove_item(cart_id=cart_id, owner=self.owner(cart_id), item_id=item_id, by=self.actor)
        return self.shown(cart_id)

    @schemas.SHIPPING_OPTIONS
    def shipping_options(self, request: Request, cart_id: UUID) -> Response:
        basket = priced(self.find(cart_id), owner_of(request))[1]
        items = [line.item for line in basket.quote.lines]
        return plain_list([show_option(option) for option in shipping_options(items, basket.quote.terms)])

    @schemas.MERGE_CART
    def merge(self, request: Request, cart_id: UUID) -> Response:
        if not holds_cart(request, cart_id):
            raise NotFound("There is no such cart.")
        cart = merge_cart(cart_id=cart_id, user_id=person(request).pk, by=self.actor)
        return Response(quoted(cart, owner_of(request), self.viewer))

    def owner(self, cart_id: UUID) -> Owner:
        """As whom the caller comes to this cart. Raises `NotFound` for a stranger without its token."""
        owner = owner_of(self.request)
        if owner == Owner() and not holds_cart(self.request, cart_id):
            raise NotFound("There is no such cart.")
        return owner

    def find(self, cart_id: UUID) -> Cart:
        """Raises `NotFound`, also for another's cart."""
        owner = self.owner(cart_id)
        cart = Cart.objects.select_related("order").annotate(buyer=buyer_column("user")).filter(pk=cart_id).first()
        if cart is None or not owner.owns(cart):
            raise NotFound("There is no such cart.")
        return cart

    def shown(self, cart_id: UUID, status: int = 200) -> Response:
        """The caller's cart as it is now."""
        return Response(quoted(self.find(cart_id), owner_of(self.request), self.viewer), status=status)


def quoted(cart: Cart, owner: Owner, viewer: Viewer) -> dict[str, Any]:
    """The cart priced as of now; the total shown is the one an order will be placed at."""
    items, basket = priced(cart, owner)
    remember_seen(cart, basket)
    return show_cart(cart, items, basket, viewer)


def priced(cart: Cart, owner: Owner) -> tuple[list[CartItem], Basket]:
    """The cart's items and what they cost now. For a test nobody is asked who could charge for it."""
    items = read_items(cart)
    lines = [(item.product.sku, item.quantity) for item in items]
    return items, price(replace(wanted_by(cart, owner, lines), ask=not owner.test), check_stock=True)
