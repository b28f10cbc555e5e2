"""Orders over HTTP."""

import contextlib
from dataclasses import replace
from typing import Any

from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import person
from accounts.models import User
from api.etags import etag_for
from api.inputs import read_input
from api.pagination import plain_list
from api.tokens import derive_token
from api.views import GenericViewSet
from inventory.callers import own_warehouses
from kernel.errors import Invalid, NotFound, Refused
from orders import permissions, schemas
from orders.codes.guesses import count_unknown_codes
from orders.delivery.asking import asks_carriers
from orders.filters import OrderFilter
from orders.models import Order, Shipment
from orders.permissions import GUEST
from orders.pricing.basket import price
from orders.reading import attach_parts, read_order, read_subjects
from orders.representation import show_edit, show_hold, show_order, show_shipment, show_timeline
from orders.returning.representation import show_return_of, show_returnable
from orders.returning.rules import chances
from orders.serializers.inputs import (
    AddressChange,
    CancelInput,
    CartReference,
    DirectOrderInput,
    EditInput,
    HoldInput,
    PackInput,
    ReturnInput,
)
from orders.serializers.shapes import OrderSerializer
from orders.services import (
    DirectOrder,
    Owner,
    Wish,
    cancel_order,
    change_address,
    edit_order,
    pack_shipment,
    place_direct_order,
    place_hold,
    place_order,
    release_hold,
    request_return,
)
from orders.services.place import wanted_directly
from orders.tax.asking import asks_provider
from orders.views.base import OrderView, owner_of
from orders.views.carts import holds_cart


class OrderViewSet(OrderView, GenericViewSet):
    """Customers and partners have their own orders, staff all of them, a guest the one whose token they hold."""

    queryset = Order.objects.none()  # for the schema
    serializer_class = OrderSerializer
    filterset_class = OrderFilter
    lookup_field = "number"
    ordering_fields = {
        "-created_at": ("-created_at", "-id"),
        "created_at": ("created_at", "id"),
        "-total": ("-total", "-id"),
        "total": ("total", "id"),
    }
    idempotency_required = {"create", "cancel", "edit", "pack", "request_return"}
    dry_run_actions = {"cancel", "edit"}
    refuses = {"create": {"429"}}
    needs = {
        "list": permissions.LIST,
        "create": permissions.PLACE,
        "retrieve": permissions.READ,
        "timeline": permissions.READ,
        "returnable": permissions.READ,
        "partial_update": "change_address",
        "cancel": "cancel",
        "edit": "edit",
        "place_hold": "hold",
        "release_hold": "release_hold",
        "pack": "pack",
        "request_return": "request_return",
    }

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action == "create":
            count_unknown_codes(request)
        # Before any transaction of the request: what providers answer is then known when the order is placed.
        if self.action == "create" and (asks_provider() or asks_carriers()):
            self.ask_ahead()

    def ask_ahead(self) -> None:
        """Let providers say what they know of an order in one call. What is wrong with it, placing will tell."""
        form = DirectOrderInput(data=self.request.data)
        if owner_of(self.request).test or permissions.PLACE_DIRECTLY not in self.viewer.powers or not form.is_valid():
            return
        with contextlib.suppress(Refused):
            price(replace(wanted_directly(self.direct(form.validated_data)), ask=True), check_stock=False)

    def direct(self, given: dict[str, Any]) -> DirectOrder:
        """The order in one call, as it was sent."""
        known = dict(given)
        owner = self.owner_named(known.pop("customer", None))
        lines = [(line["sku"], line["quantity"]) for line in known.pop("lines")]
        return DirectOrder(owner=owner, lines=lines, **known)

    def get_queryset(self) -> Any:
        return self.visible()

    @schemas.LIST_ORDERS
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        attach_parts(page)
        viewer = self.viewer
        return self.get_paginated_response([show_order(order, viewer) for order in page])

    @schemas.PLACE_ORDER
    def create(self, request: Request) -> Response:
        body = request.data if isinstance(request.data, dict) else {}
        if "cart" in body and "lines" in body:
            raise Invalid("Either a cart or lines.", field="cart")
        order = self.place_from_cart() if "cart" in body else self.place_directly()
        if owner_of(request) == Owner():
            shown = show_order(order, GUEST) | {"token": derive_token("order", order.number)}
        else:
            shown = show_order(order, self.viewer)
        headers = {"Location": f"/api/v1/orders/{order.number}", "ETag": etag_for(order.version)}
        return Response(shown, status=201, headers=headers)

    def place_from_cart(self) -> Order:
        cart_id = read_input(CartReference, self.request).validated_data["cart"]
        owner = owner_of(self.request)
        if owner == Owner() and not holds_cart(self.request, cart_id):
            raise NotFound("There is no such cart.", field="cart")
        return place_order(cart_id=cart_id, owner=owner, by=self.actor)

    def place_directly(self) -> Order:
        if permissions.PLACE_DIRECTLY not in self.viewer.powers:
            raise PermissionDenied("Put it into a cart first.") if self.actor.kind != "guest" else NotAuthenticated()
        given = read_input(DirectOrderInput, self.request).validated_data
        return place_direct_order(direct=self.direct(given), by=self.actor)

    def owner_named(self, customer: int | str | None) -> Owner:
        """Whose order it will be: a partner's own, else the customer's whom staff name, or nobody's account.

        What staff of some warehouses order for others, too, comes from theirs.
        """
        own = own_warehouses(self.request.user)
        if not self.viewer.is_staff:
            if customer is not None:
                raise Invalid("Only staff order in a customer's name.", field="customer")
            return owner_of(self.request)
        if customer is None:
            return Owner(warehouses=own)
        people = User.objects.filter(role=User.Role.CUSTOMER, is_active=True)
        found = people.by_email(customer) if isinstance(customer, str) else people.filter(pk=customer).first()
        if found is None:
            raise Invalid("There is no such customer.", field="customer")
        return Owner(user_id=found.pk, email=found.email, warehouses=own)

    @schemas.READ_ORDER
    def retrieve(self, request: Request, number: str) -> Response:
        order = self.named(number).first()
        if order is None:
            raise NotFound("There is no such order.")

        def body() -> dict[str, Any]:
            attach_parts([order])
            return show_order(order, self.viewer)

        return self.versioned(order.version, body)

    @schemas.TIMELINE
    def timeline(self, request: Request, number: str) -> Response:
        order = self.named(number).first()
        if order is None:
            raise NotFound("There is no such order.")
        transitions = order.transitions.order_by("version")
        return plain_list(show_timeline(order, transitions, read_subjects(order), self.viewer))

    @schemas.CHANGE_ADDRESS
    def partial_update(self, request: Request, number: str) -> Response:
        order_id = self.order_id(number)
        address = read_input(AddressChange, request).validated_data["shipping_address"]
        self.change(order_id, lambda: change_address(order_id=order_id, address=address, by=self.actor))
        return self.shown_order(order_id)

    @schemas.CANCEL
    def cancel(self, request: Request, number: str) -> Response:
        order_id = self.order_id(number)
        given = read_input(CancelInput, request)
        reason, lines = given.validated_data["reason"], given.units()
        self.change(order_id, lambda: cancel_order(order_id=order_id, reason=reason, lines=lines, by=self.actor))
        return self.shown_order(order_id)

    @schemas.EDIT
    def edit(self, request: Request, number: str) -> Response:
        order_id = self.order_id(number)
        changes = read_input(EditInput, request).changes(owner_of(request).given)
        before = read_order(order_id)
        self.change(order_id, lambda: edit_order(order_id=order_id, changes=changes, by=self.actor))
        after = read_order(order_id)
        shown = show_order(after, self.viewer) | {"edit": show_edit(before, after)}
        return Response(shown, headers={"ETag": etag_for(after.version)})

    @schemas.PLACE_HOLD
    def place_hold(self, request: Request, number: str) -> Response:
        order_id = self.order_id(number)
        given = read_input(HoldInput, request).validated_data
        hold = self.change(order_id, lambda: place_hold(order_id=order_id, **given, by=self.actor))
        return Response(show_hold(hold, self.viewer), status=201)

    @schemas.RELEASE_HOLD
    def release_hold(self, request: Request, number: str, hold_id: int) -> Response:
        order_id, role = self.order_id(number), person(request).role
        self.change(order_id, lambda: release_hold(order_id=order_id, hold_id=hold_id, role=role, by=self.actor))
        return Response(status=204)

    @schemas.PACK
    def pack(self, request: Request, number: str) -> Response:
        order_id = self.order_id(number)
        given = read_input(PackInput, request)
        more = {name: given.validated_data.get(name) for name in ("warehouse", "weight_grams")}
        packed = self.change(
            order_id, lambda: pack_shipment(order_id=order_id, lines=given.units(), **more, by=self.actor)
        )
        shipment = Shipment.objects.select_related("warehouse").get(pk=packed.pk)
        return Response(show_shipment(shipment, self.viewer) | {"order": number}, status=201)

    @schemas.REQUEST_RETURN
    def request_return(self, request: Request, number: str) -> Response:
        order_id = self.order_id(number)
        given = read_input(ReturnInput, request).validated_data
        if given["override"] and not self.viewer.is_staff:
            raise Invalid("Only staff open a return against the rules.", field="override")
        wishes = [Wish(part["line"], part["quantity"], part["reason"]) for part in given.pop("lines")]
        ret = self.change(order_id, lambda: request_return(order_id=order_id, wishes=wishes, **given, by=self.actor))
        return Response(show_return_of(read_order(order_id), ret.number, self.viewer), status=201)

    @schemas.RETURNABLE
    def returnable(self, request: Request, number: str) -> Response:
        order = read_order(self.order_id(number))
        return Response(show_returnable(order, chances(order)))
