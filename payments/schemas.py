"""What the OpenAPI document says of each operation on payments."""

from typing import Any

from orders.schemas import IF_MATCH, ORDER_TOKEN, operation, plain
from payments.serializers import PaymentInput, PaymentSerializer, RefundInput, RefundSerializer

REFUND_EXAMPLE: dict[str, Any] = {
    "id": 17,
    "amount": "5.00",
    "currency": "EUR",
    "cause": "requested",
    "reason": "Scratched",
    "status": "succeeded",
    "created_at": "2030-03-05T09:12:00Z",
    "settled_at": "2030-03-05T09:12:00Z",
}
PAYMENT_EXAMPLE: dict[str, Any] = {
    "id": "8f14e45f-ceea-4a7f-9a3c-2f1f5c1f7f10",
    "order": "W1000001",
    "provider": "manual",
    "status": "captured",
    "amount": "29.00",
    "currency": "EUR",
    "authorized": "29.00",
    "captured": "29.00",
    "refunded": "0.00",
    "refundable": "29.00",
    "note": "Cash at the counter",
    "created_at": "2030-03-04T10:00:00Z",
    "refunds": [],
}
REFUNDED_EXAMPLE = PAYMENT_EXAMPLE | {"refunded": "5.00", "refundable": "24.00", "refunds": [REFUND_EXAMPLE]}

LIST_PAYMENTS = operation(
    *("orders_payments_list", "Look at the payments of an order", plain(PaymentSerializer, "PaymentList")),
    {"results": [REFUNDED_EXAMPLE], "next": None, "previous": None},
    parameters=[ORDER_TOKEN],
    tags=["payments"],
)
PAY = operation(
    *("orders_payments_create", "Pay an order", PaymentSerializer, PAYMENT_EXAMPLE),
    status=201,
    description="`manual` records money that staff have received by hand. More than is due is refused with "
    "`payment_mismatch`; parts are fine and add up.",
    request=PaymentInput,
    sends={
        "All that is due": {"provider": "manual", "note": "Cash at the counter"},
        "A part": {"provider": "manual", "amount": "10.00"},
    },
    parameters=[ORDER_TOKEN, IF_MATCH],
    tags=["payments"],
)
REFUND = operation(
    *("payments_refunds_create", "Give money of a payment back", RefundSerializer, REFUND_EXAMPLE),
    status=201,
    description="Never more than was captured and not yet refunded: `amount_exceeds_captured`. A manual payment is "
    "paid out by hand, so its refund has succeeded at once.",
    request=RefundInput,
    sends={"All that is left": {"reason": "Goodwill"}, "A part": {"amount": "5.00", "reason": "Scratched"}},
    tags=["payments"],
)
