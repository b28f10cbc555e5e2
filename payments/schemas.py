"""What the OpenAPI document says of each operation on payments."""

from typing import Any

from orders.schemas import IF_MATCH, ORDER_TOKEN, operation, plain
from payments.serializers import (
    CaptureInput,
    PaymentInput,
    PaymentSerializer,
    RefundInput,
    RefundSerializer,
    VoidInput,
)

REFUND_EXAMPLE: dict[str, Any] = {
    "id": 17,
    "amount": "5.00",
    "currency": "EUR",
    "cause": "requested",
    "reason": "Scratched",
    "status": "succeeded",
    "created_at": "2030-03-05T09:12:00Z",
    "settled_at": "2030-03-05T09:12:00Z",
    "lines": [],
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
    "failure_code": "",
    "authorization_expires_at": None,
    "client_secret": "",
    "approve_url": "",
    "note": "Cash at the counter",
    "created_at": "2030-03-04T10:00:00Z",
    "refunds": [],
}
REFUNDED_EXAMPLE = PAYMENT_EXAMPLE | {"refunded": "5.00", "refundable": "24.00", "refunds": [REFUND_EXAMPLE]}

VOIDED_EXAMPLE = PAYMENT_EXAMPLE | {
    "provider": "stripe",
    "status": "voided",
    "authorized": "0.00",
    "captured": "0.00",
    "refundable": "0.00",
    "note": "",
}

LIST_PAYMENTS = operation(
    *("orders_payments_list", "Look at the payments of an order", plain(PaymentSerializer, "PaymentList")),
    {"results": [REFUNDED_EXAMPLE], "next": None, "previous": None},
    parameters=[ORDER_TOKEN],
    tags=["payments"],
)
PAY = operation(
    *("orders_payments_create", "Pay an order", PaymentSerializer, PAYMENT_EXAMPLE),
    status=201,
    description="Through a provider, this opens an attempt: with `client_secret` the app completes it at Stripe, at "
    "`approve_url` the customer approves it at PayPal, and `confirm` settles it. `gift_card` spends from the card of "
    "`code` at once. `manual` records money that staff have received by hand. More than is due is refused with "
    "`payment_mismatch`; parts are fine and add up. When the provider does not answer: 503 `provider_unavailable`; "
    "the same request with the same key goes on from there.",
    request=PaymentInput,
    sends={
        "By card": {"provider": "stripe"},
        "By PayPal": {"provider": "paypal", "return_url": "https://shop.example.com/paid"},
        "By gift card": {"provider": "gift_card", "code": "7K3M-9QXA-2BVD-4WTH"},
        "All that is due": {"provider": "manual", "note": "Cash at the counter"},
        "A part": {"provider": "manual", "amount": "10.00"},
    },
    parameters=[ORDER_TOKEN, IF_MATCH],
    tags=["payments"],
)
CONFIRM = operation(
    *("payments_confirm", "Settle a payment after the customer's return", PaymentSerializer, PAYMENT_EXAMPLE),
    description="Asks the provider and takes over what it says; harmless when its webhook was faster. A payment that "
    "needs another attempt comes back as `failed` with the provider's `failure_code`, and the order stays payable.",
    request=VoidInput,
    sends={"Nothing": {}},
    parameters=[ORDER_TOKEN],
    tags=["payments"],
)
CAPTURE = operation(
    *("payments_capture", "Take authorised money", PaymentSerializer, PAYMENT_EXAMPLE),
    description="Never more than is authorised: `payment_mismatch`.",
    request=CaptureInput,
    sends={"All of it": {}, "A part": {"amount": "10.00"}},
    tags=["payments"],
)
VOID = operation(
    *("payments_void", "Give up an authorisation or an attempt", PaymentSerializer, VOIDED_EXAMPLE),
    description="Only while no money was taken: `not_allowed_now`.",
    request=VoidInput,
    sends={"Nothing": {}},
    tags=["payments"],
)
REFUND = operation(
    *("payments_refunds_create", "Give money of a payment back", RefundSerializer, REFUND_EXAMPLE),
    status=201,
    description="An amount, or units of lines and perhaps the shipping at what was paid for them. Never more than was "
    "captured and not yet refunded: `amount_exceeds_captured`. A manual payment is paid out by hand and a gift card "
    "credited, so their refund has succeeded at once; a provider's may be `pending`.",
    request=RefundInput,
    sends={
        "All that is left": {"reason": "Goodwill"},
        "A part": {"amount": "5.00", "reason": "Scratched"},
        "One unit and the shipping": {
            "lines": [{"line": 41, "quantity": 1}],
            "shipping": True,
            "reason": "Never arrived",
        },
    },
    tags=["payments"],
)
