"""What the OpenAPI document says of each operation on returns."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from orders import examples
from orders.returning.inputs import PhotoInput
from orders.schemas import IF_MATCH, ORDER_TOKEN, UNITS, operation
from orders.serializers import inputs, shapes

RETURN: dict[str, Any] = {"tags": ["returns"], "parameters": [IF_MATCH]}
OPEN: dict[str, Any] = {"tags": ["returns"], "parameters": [ORDER_TOKEN]}
READ = operation("returns_read", "Look at a return", shapes.ReturnSerializer, examples.RECEIVED, **OPEN)
APPROVE = operation("returns_approve", "Approve a return", shapes.ReturnSerializer, examples.APPROVED, **RETURN)
REJECT = operation(
    *("returns_reject", "Reject a return", shapes.ReturnSerializer, examples.REJECTED),
    request=inputs.RejectInput,
    sends={"Too late": {"reason": "After the end of the period"}},
    **RETURN,
)
RECEIVE = operation(
    *("returns_receive", "Count what came back", shapes.ReturnSerializer, examples.RECEIVED),
    request=inputs.ReceiveInput,
    sends={
        "Damaged": {"lines": [UNITS[0] | {"condition": "damaged", "restock": False}]},
        "Back to the supplier": {
            "lines": [UNITS[0] | {"condition": "opened", "restock": False, "disposition": "back_to_supplier"}],
            "warehouse": "BER-1",
        },
    },
    **RETURN,
)
EXCHANGE = operation(
    *("returns_exchange", "Send something else instead of money", shapes.ReturnSerializer, examples.EXCHANGED),
    description="Places an order that costs nothing, for the same product or another variant of it.",
    request=inputs.ExchangeInput,
    sends={"Another colour": {"lines": [UNITS[0] | {"sku": "MUG-RED"}]}},
    **RETURN,
)
RESTOCK = operation(
    *("returns_units_restock", "Put refurbished units on sale", shapes.ReturnSerializer, examples.RECEIVED), **RETURN
)
WRITE_OFF = operation(
    *("returns_units_write_off", "Give up on units to be refurbished", shapes.ReturnSerializer, examples.RECEIVED),
    request=inputs.WriteOffInput,
    sends={"Scrap": {"disposition": "scrap"}},
    **RETURN,
)
PHOTO = operation(
    *("returns_units_photo", "Show what units look like", shapes.ReturnSerializer, examples.RECEIVED),
    status=201,
    description="It is encoded anew without metadata and replaces the photo before.",
    request={"multipart/form-data": PhotoInput},
    tags=["returns"],
)
LABEL = extend_schema(
    operation_id="returns_label",
    summary="The label for the way back",
    description="Once the return is approved.",
    responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    **OPEN,
)
AUTHORISATION = extend_schema(
    operation_id="returns_authorisation",
    summary="The paper to lay into the parcel",
    responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    **OPEN,
)
SEE_PHOTO = extend_schema(
    operation_id="returns_photo",
    summary="A photo of returned units",
    description="Reached by the `photo` of a unit, for ten minutes.",
    responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
    tags=["returns"],
)
