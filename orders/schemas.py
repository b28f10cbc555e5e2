"""What the OpenAPI document says of each operation on carts and orders."""

from collections.abc import Callable
from typing import Any, Literal

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_serializer,
)
from rest_framework import serializers

from orders import examples
from orders.serializers import inputs, shapes

HEADER: Literal["header"] = "header"
CART_TOKEN = OpenApiParameter("X-Cart-Token", str, HEADER, description="What opens a guest's cart.")
ORDER_TOKEN = OpenApiParameter("X-Order-Token", str, HEADER, description="What opens a guest's order.")
IF_MATCH = OpenApiParameter("If-Match", str, HEADER, description="Only at this version: the `ETag` of the order.")
IF_NONE_MATCH = OpenApiParameter("If-None-Match", str, HEADER, description="The `ETag` of what you have.")
ITEMS = [{"sku": "MUG-BLUE", "quantity": 2}]
UNITS = [{"line": 311, "quantity": 1}]

PROBLEM = {"$ref": "#/components/schemas/Problem"}

Decorator = Callable[[Any], Any]


def plain(shape: type[serializers.Serializer[Any]], name: str) -> type[serializers.Serializer[Any]]:
    """The shape of a short list, which has no further pages."""
    return paged(shape, name, help_text="Always null: there is one page.")


def paged(
    shape: type[serializers.Serializer[Any]], name: str, *, help_text: str = "The address of another page."
) -> type[serializers.Serializer[Any]]:
    """The shape of a list. drf-spectacular would wrap it, and each example, once more: hence `many=False`."""
    members = {
        "results": shape(many=True),
        "next": serializers.CharField(allow_null=True, help_text=help_text),
        "previous": serializers.CharField(allow_null=True, help_text=help_text),
    }
    return extend_schema_serializer(many=False)(type(name, (serializers.Serializer,), members))


def page(example: dict[str, Any]) -> dict[str, Any]:
    return {"results": [example], "next": None, "previous": None}


def sent(name: str, value: Any) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


def answered(status: int, value: Any) -> OpenApiExample:
    return OpenApiExample("Answer", value=value, response_only=True, status_codes=[str(status)])


def operation(name: str, summary: str, shape: Any, example: Any, *, status: int = 200, **more: Any) -> Decorator:
    """One operation that answers one shape; `sends` are its examples of bodies."""
    shown = [answered(status, example), *(sent(title, body) for title, body in more.pop("sends", {}).items())]
    more.setdefault("request", None)
    return extend_schema(
        operation_id=name, summary=summary, responses={status: shape} | more.pop("also", {}), examples=shown, **more
    )


CART: dict[str, Any] = {"tags": ["carts"], "parameters": [CART_TOKEN]}
OPEN_CART = operation(
    *("carts_open", "Open a cart", shapes.OpenedCartSerializer, examples.OPENED_CART),
    status=201,
    request=inputs.CartInput,
    sends={"Empty": {}, "Ready to be placed": {"items": ITEMS, "email": "ada@example.com",
           "shipping_address": examples.ADDRESS}},
    tags=["carts"],
)  # fmt: skip
READ_CART = operation("carts_read", "Look at a cart and its quote", shapes.CartSerializer, examples.CART, **CART)
CHANGE_CART = operation(
    *("carts_change", "Change a cart", shapes.CartSerializer, examples.CART),
    request=inputs.CartChanges,
    sends={"Where to": {"shipping_address": examples.ADDRESS, "shipping_method": "standard"}},
    **CART,
)
ADD_ITEM = operation(
    *("carts_items_add", "Put units of a product into a cart", shapes.CartSerializer, examples.CART),
    status=201,
    description="On top of those already there. Answers with the whole cart.",
    request=inputs.ItemInput,
    sends={"Two mugs": ITEMS[0]},
    **CART,
)
CHANGE_ITEM = operation(
    *("carts_items_change", "Set how many", shapes.CartSerializer, examples.CART),
    request=inputs.QuantityInput,
    sends={"Three": {"quantity": 3}},
    **CART,
)
REMOVE_ITEM = operation(
    *("carts_items_remove", "Take a product out of a cart", shapes.CartSerializer, examples.CART),
    description="Answers with what is left, since the total has changed.",
    **CART,
)
SHIPPING_OPTIONS = operation(
    *("carts_shipping_options", "How it can be sent", plain(shapes.ShippingOptionSerializer, "ShippingOptionList")),
    page(examples.SHIPPING_OPTION),
    **CART,
)
MERGE_CART = operation(
    *("carts_merge", "Take over a guest's cart", shapes.CartSerializer, examples.CART),
    description="The customer shows the guest cart's token. Units add up in the customer's own open cart, which "
    "is answered; without one the guest's cart becomes theirs.",
    **CART,
)

ORDER: dict[str, Any] = {"tags": ["orders"]}
WRITE: dict[str, Any] = ORDER | {"parameters": [ORDER_TOKEN, IF_MATCH]}
STAFF_WRITE: dict[str, Any] = ORDER | {"parameters": [IF_MATCH]}
LIST_ORDERS = operation(
    *("orders_list", "Find orders", paged(shapes.OrderSerializer, "OrderList"), page(examples.ORDER)),
    description="Customers and partners find their own, staff all.",
    **ORDER,
)
ORDER_TO_PLACE = PolymorphicProxySerializer(
    component_name="OrderToPlace",
    serializers=[inputs.CartReference, inputs.DirectOrderInput],
    resource_type_field_name=None,
)
PLACE_ORDER = operation(
    *("orders_place", "Place an order", shapes.PlacedOrderSerializer, examples.PLACED_ORDER),
    status=201,
    description="From a cart, at the total it was last shown with; or, for partners and staff, in one call. "
    "Its stock is kept for it until `expires_at`.",
    also={(404, "application/problem+json"): OpenApiResponse(PROBLEM, "There is no such cart of the caller's.")},
    request=ORDER_TO_PLACE,
    sends={
        "From a cart": {"cart": examples.CART["id"]},
        "In one call": {
            "email": "ada@example.com",
            "lines": ITEMS,
            "shipping_address": examples.ADDRESS,
            "reference": "PO-2030-17",
        },
    },
    tags=["orders"],
    parameters=[CART_TOKEN],
)
READ_ORDER = operation(
    *("orders_read", "Look at an order", shapes.OrderSerializer, examples.ORDER),
    also={304: OpenApiResponse(description="What you have is what there is.")},
    parameters=[ORDER_TOKEN, IF_NONE_MATCH],
    **ORDER,
)
TIMELINE = operation(
    *("orders_timeline", "All that happened to an order", plain(shapes.TransitionSerializer, "Timeline")),
    page(examples.TRANSITION),
    parameters=[ORDER_TOKEN],
    **ORDER,
)
CHANGE_ADDRESS = operation(
    *("orders_change", "Send it somewhere else", shapes.OrderSerializer, examples.ORDER | {"version": 2}),
    request=inputs.AddressChange,
    sends={"Where to": {"shipping_address": examples.ADDRESS}},
    **WRITE,
)
CANCEL = operation(
    *("orders_cancel", "Cancel an order, or units of it", shapes.OrderSerializer, examples.CANCELLED),
    description="Units that are not packed. Their stock is free at once, what was paid for them goes back.",
    request=inputs.CancelInput,
    sends={"All of it": {"reason": "Ordered twice"}, "One unit": {"reason": "Too many", "lines": UNITS}},
    **WRITE,
)
EDIT = operation(
    *("orders_edit", "Change what was ordered", shapes.EditedOrderSerializer, examples.EDITED),
    description="Before anything is packed. Units that stay keep their price; added ones cost what they cost now, in "
    "lines of their own. What it costs less goes back; what it costs more is asked for, and nothing is packed before. "
    "`dry_run=true` answers what would become of it.",
    request=inputs.EditInput,
    sends={
        "One unit less": {"lines": UNITS},
        "Another variant": {"lines": [{"line": 311, "sku": "MUG-RED"}]},
        "One more thing": {"add": [{"sku": "BOWL-BLUE", "quantity": 1}]},
    },
    **WRITE,
)
PLACE_HOLD = operation(
    *("orders_holds_place", "Hold an order back from packing", shapes.HoldSerializer, examples.HOLD),
    status=201,
    request=inputs.HoldInput,
    sends={"Address": {"kind": "address", "note": "No house number."}},
    **STAFF_WRITE,
)
RELEASE_HOLD = extend_schema(
    operation_id="orders_holds_release",
    summary="Release a hold",
    description="Who may depends on its kind: fraud admins alone, stock the warehouse, the others customer service.",
    responses={204: None},
    **STAFF_WRITE,
)
PACK = operation(
    *("orders_shipments_pack", "Pack a package", shapes.ShipmentSerializer, examples.PACKED),
    status=201,
    request=inputs.PackInput,
    sends={"All that is open": {}, "A part": {"lines": UNITS, "warehouse": "BER-1"}},
    **STAFF_WRITE,
)
REQUEST_RETURN = operation(
    *("orders_returns_request", "Ask to send units back", shapes.ReturnSerializer, examples.REQUESTED),
    status=201,
    request=inputs.ReturnInput,
    sends={"Damaged": {"lines": [UNITS[0] | {"reason": "damaged"}], "note": "The handle is broken."}},
    **WRITE,
)
RETURNABLE = operation(
    *("orders_returnable", "What can be sent back", shapes.ReturnableSerializer, examples.RETURNABLE),
    description="Line by line, until when, at whose cost.",
    tags=["orders"],
    parameters=[ORDER_TOKEN],
)

SHIPMENT: dict[str, Any] = {"tags": ["shipments"], "parameters": [IF_MATCH]}
SHIP = operation(
    *("shipments_ship", "Hand a package to the carrier", shapes.ShipmentSerializer, examples.SHIPPED),
    request=inputs.ShipInput,
    sends={"By DHL": {"carrier": "DHL", "tracking_number": "00340434161094042557"}},
    **SHIPMENT,
)
DELIVER = operation(
    "shipments_deliver", "Record its delivery", shapes.ShipmentSerializer, examples.DELIVERED, **SHIPMENT
)
LOSE = operation(
    *("shipments_lose", "Give up on a package that is lost", shapes.ShipmentSerializer, examples.LOST),
    description="Its units stay shipped; refund them by line. Should it turn up, deliver it.",
    request=inputs.LoseInput,
    sends={"Searched for in vain": {"note": "DHL has closed its search."}},
    **SHIPMENT,
)
RETURNED_TO_SENDER = operation(
    *("shipments_returned_to_sender", "Await a package that comes back", shapes.ReturnSerializer, examples.UNDELIVERED),
    status=201,
    description="For one that was not delivered: opens an approved return for just its units. When that is received, "
    "the package is `returned`.",
    **SHIPMENT,
)
CANCEL_SHIPMENT = operation(
    "shipments_cancel", "Unpack a package", shapes.ShipmentSerializer, examples.UNPACKED, **SHIPMENT
)
