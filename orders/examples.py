"""One order as the OpenAPI document tells it; a test holds the examples to the shapes."""

from typing import Any

from accounts import schema

ADDRESS: dict[str, Any] = schema.ADDRESS.value


def step(name: str, rule: str, amount: str, detail: str, *, base: str | None = None, sku: str = "") -> dict[str, Any]:
    """Why an amount is part of the total."""
    return {
        "step": name,
        "rule": rule,
        "amount": amount,
        "detail": detail,
        "base": base,
        "sku": sku,
        "reason": "",
    }


EXPLANATION = [
    step("item", "MUG-BLUE", "20.00", "2 × Mug at 10", sku="MUG-BLUE"),
    step("code", "TEN", "-2.00", "10 % off the order.", base="20.00"),
    step("shipping", "standard", "5.00", "Standard delivery."),
    step("tax", "flat_rate", "3.60", "20 % of the goods, rounded per line.", base="18.00"),
]
TOTALS = {
    "subtotal": "20.00",
    "discount_total": "2.00",
    "shipping_total": "5.00",
    "tax_total": "3.60",
    "included_tax_total": "0.00",
    "total": "26.60",
}
CART: dict[str, Any] = {
    "id": "0d7f6c1e-7a51-4c1b-9a3f-3f0f7f4b8f6e",
    "email": "ada@example.com",
    "currency": "EUR",
    "items": [
        {
            "id": 71,
            "sku": "MUG-BLUE",
            "name": "Mug",
            "quantity": 2,
            "unit_price": "10.00",
            "discount": "2.00",
            "tax": "3.60",
            "included_tax": "0.00",
            "total": "21.60",
            "availability": "in_stock",
            "promised_at": None,
        }
    ],
    "shipping_address": ADDRESS,
    "billing_address": None,
    "shipping_method": "standard",
    "discount_codes": ["TEN"],
    **TOTALS,
    "explanation": EXPLANATION,
    "problems": [],
    "order": None,
}
OPENED_CART = CART | {"token": "pXr8k3v0N1m6mQe0a7m9x2J4c5h8d1f3g6k9n2q5t8w"}
SHIPPING_OPTION = {
    "code": "standard",
    "name": "Standard delivery",
    "price": "5.00",
    "currency": "EUR",
    "ship_by": "2030-03-04",
    "deliver_by": "2030-03-07",
}
LINE: dict[str, Any] = {
    "id": 311,
    "sku": "MUG-BLUE",
    "name": "Mug",
    "options": {"colour": "blue"},
    "quantity": 2,
    "unit_price": "10.00",
    "discount": "2.00",
    "tax_rate": "0.2",
    "tax": "3.60",
    "included_tax": "0.00",
    "total": "21.60",
    "waiting": 0,
    "promised_at": None,
    "cancelled": 0,
    "packed": 0,
    "shipped": 0,
    "delivered": 0,
    "returned": 0,
}
ORDER: dict[str, Any] = {
    "number": "W1000042",
    "reference": "",
    "exchange_of": "",
    "test": False,
    "version": 1,
    "status": "pending",
    "payment_status": "unpaid",
    "fulfillment_status": "unfulfilled",
    "return_status": "none",
    "customer": None,
    "email": "ada@example.com",
    "currency": "EUR",
    **TOTALS,
    "cancelled_total": "0.00",
    "captured_total": "0.00",
    "refunded_total": "0.00",
    "shipping_method": "standard",
    "discount_codes": ["TEN"],
    "shipping_address": ADDRESS,
    "billing_address": None,
    "cancel_reason": "",
    "expires_at": "2030-03-01T10:30:00Z",
    "ship_by": "2030-03-04T22:59:59Z",
    "deliver_by": "2030-03-07",
    "created_at": "2030-03-01T10:00:00Z",
    "paid_at": None,
    "delivered_at": None,
    "cancelled_at": None,
    "lines": [LINE],
    "shipments": [],
    "returns": [],
    "holds": [],
    "explanation": EXPLANATION,
    "available_actions": ["pay", "cancel", "cancel_lines", "change_address"],
    "refused_actions": {"request_return": "not_allowed_now"},
}
PLACED_ORDER = ORDER | {"token": "b2Zx5q8t1w4z7C0F3J6M9P2S5V8Y1b4e7h0k3n6q9t2"}
EDITED = ORDER | {
    "version": 3,
    "cancelled_total": "10.80",
    "lines": [LINE | {"cancelled": 1}],
    "edit": {
        "due_before": "26.60",
        "due": "15.80",
        "difference": "-10.80",
        "to_pay": "0.00",
        "to_refund": "10.80",
        "stock": [{"sku": "MUG-BLUE", "units": -1}],
    },
}
CANCELLED = ORDER | {
    "version": 2,
    "status": "cancelled",
    "cancelled_total": "26.60",
    "cancel_reason": "Ordered twice",
    "expires_at": None,
    "cancelled_at": "2030-03-01T10:05:00Z",
    "lines": [LINE | {"cancelled": 2}],
    "available_actions": [],
    "refused_actions": dict.fromkeys(
        ("pay", "cancel", "cancel_lines", "change_address", "request_return"), "not_allowed_now"
    ),
}
PACKED: dict[str, Any] = {
    "number": "W1000042-1",
    "status": "packed",
    "warehouse": "BER-1",
    "carrier": "",
    "tracking_number": "",
    "carrier_status": "",
    "weight_grams": 740,
    "packed_at": "2030-03-01T12:00:00Z",
    "shipped_at": None,
    "delivered_at": None,
    "cancelled_at": None,
    "lines": [{"line": 311, "quantity": 2}],
    "order": "W1000042",
}
SHIPPED = PACKED | {
    "status": "shipped",
    "carrier": "DHL",
    "tracking_number": "00340434161094042557",
    "shipped_at": "2030-03-01T15:00:00Z",
}
DELIVERED = SHIPPED | {"status": "delivered", "delivered_at": "2030-03-04T11:20:00Z"}
LOST = SHIPPED | {"status": "lost", "carrier_status": "exception"}
UNPACKED = PACKED | {"status": "cancelled", "cancelled_at": "2030-03-01T12:10:00Z"}
RETURN_LINE = {
    "line": 311,
    "quantity": 1,
    "reason": "damaged",
    "received": 0,
    "condition": "",
    "restocked": 0,
    "exchanged": 0,
    "units": [],
}
REQUESTED: dict[str, Any] = {
    "number": "W1000042-R1",
    "status": "requested",
    "note": "The handle is broken.",
    "requested_at": "2030-03-05T09:00:00Z",
    "decided_at": None,
    "received_at": None,
    "label_paid_by": "shop",
    "override": "",
    "fee": "0.00",
    "exchange_order": "",
    "lines": [RETURN_LINE],
    "order": "W1000042",
    "refund_suggestion": None,
}
APPROVED = REQUESTED | {"status": "approved", "decided_at": "2030-03-05T10:00:00Z"}
UNDELIVERED = APPROVED | {
    "note": "",
    "requested_at": "2030-03-05T10:00:00Z",
    "lines": [RETURN_LINE | {"quantity": 2, "reason": "undelivered"}],
}
REJECTED = REQUESTED | {"status": "rejected", "decided_at": "2030-03-05T10:00:00Z"}
RETURN_UNIT = {
    "id": 17,
    "quantity": 1,
    "condition": "damaged",
    "disposition": "scrap",
    "warehouse": "BER-1",
    "note": "Handle off.",
    "photo": "https://shop.example/api/v1/return-photos/MTc:1vXyZ2:3kq9",
    "restocked_at": None,
}
RECEIVED = APPROVED | {
    "status": "received",
    "received_at": "2030-03-08T14:00:00Z",
    "lines": [RETURN_LINE | {"received": 1, "condition": "damaged", "units": [RETURN_UNIT]}],
    "refund_suggestion": {
        "amount": "10.80",
        "currency": "EUR",
        "steps": [{"what": "units", "amount": "10.80", "detail": "1 × Blue mug"}],
    },
}
EXCHANGED = RECEIVED | {
    "exchange_order": "W1000051",
    "lines": [RETURN_LINE | {"received": 1, "condition": "damaged", "exchanged": 1, "units": [RETURN_UNIT]}],
    "refund_suggestion": {
        "amount": "0.00",
        "currency": "EUR",
        "steps": [
            {"what": "units", "amount": "10.80", "detail": "1 × Blue mug"},
            {"what": "exchanged", "amount": "-10.80", "detail": "Sent in exchange"},
        ],
    },
}
RETURNABLE: dict[str, Any] = {
    "order": "W1000042",
    "currency": "EUR",
    "lines": [
        {
            "line": 311,
            "sku": "MUG-BLUE",
            "name": "Blue mug",
            "quantity": 2,
            "returnable": True,
            "why_not": "",
            "until": "2030-04-03T11:20:00Z",
            "reasons": [
                {
                    "reason": "damaged",
                    "shop_pays_label": True,
                    "fee_percent": "0",
                    "fee_amount": "0.00",
                    "approved_at_once": False,
                }
            ],
        }
    ],
}
HOLD: dict[str, Any] = {
    "id": 5,
    "kind": "address",
    "note": "No house number.",
    "placed_by": "user:12",
    "placed_at": "2030-03-01T10:10:00Z",
    "released_at": None,
}
TRANSITION: dict[str, Any] = {
    "version": 1,
    "at": "2030-03-01T10:00:00Z",
    "action": "place",
    "about": "",
    "from_status": "",
    "status": "pending",
    "payment_status": "unpaid",
    "fulfillment_status": "unfulfilled",
    "return_status": "none",
    "actor": "guest",
    "reason": "",
}
