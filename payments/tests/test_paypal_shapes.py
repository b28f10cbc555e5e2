"""What PayPal is sent fits its published schemas, of which these are the parts that we use:
https://developer.paypal.com/docs/api/orders/v2/ and https://developer.paypal.com/docs/api/payments/v2/
"""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator
from paypalserversdk.api_helper import APIHelper

from payments.gateways.base import Money
from payments.gateways.paypal.shapes import capture_request, order_request, refund_request
from payments.tests.paypal_shop import BACK, eur, key, request

MONEY = {
    "type": "object",
    "required": ["currency_code", "value"],
    "additionalProperties": False,
    "properties": {
        "currency_code": {"type": "string", "minLength": 3, "maxLength": 3},
        "value": {"type": "string", "maxLength": 32, "pattern": r"^((-?[0-9]+)|(-?([0-9]+)?[.][0-9]+))$"},
    },
}
EXPERIENCE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "shipping_preference": {"enum": ["GET_FROM_FILE", "NO_SHIPPING", "SET_PROVIDED_ADDRESS"]},
        "contact_preference": {"enum": ["NO_CONTACT_INFO", "UPDATE_CONTACT_INFO", "RETAIN_CONTACT_INFO"]},
        "return_url": {"type": "string", "format": "uri", "minLength": 10, "maxLength": 4000},
        "cancel_url": {"type": "string", "format": "uri", "minLength": 10, "maxLength": 4000},
        "landing_page": {"enum": ["LOGIN", "GUEST_CHECKOUT", "NO_PREFERENCE", "BILLING"]},
        "user_action": {"enum": ["CONTINUE", "PAY_NOW"]},
        "payment_method_preference": {"enum": ["UNRESTRICTED", "IMMEDIATE_PAYMENT_REQUIRED"]},
    },
}
UNIT = {
    "type": "object",
    "required": ["amount"],
    "additionalProperties": False,
    "properties": {
        "amount": MONEY,
        "payee": {
            "type": "object",
            "properties": {
                "merchant_id": {"type": "string", "minLength": 13, "maxLength": 13, "pattern": "^[2-9A-HJ-NP-Z]{13}$"}
            },
        },
        "description": {"type": "string", "minLength": 1, "maxLength": 127},
        "custom_id": {"type": "string", "minLength": 1, "maxLength": 255},
        "invoice_id": {"type": "string", "minLength": 1, "maxLength": 127},
    },
}
ORDER = {
    "type": "object",
    "required": ["intent", "purchase_units"],
    "additionalProperties": False,
    "properties": {
        "intent": {"enum": ["CAPTURE", "AUTHORIZE"]},
        "purchase_units": {"type": "array", "minItems": 1, "maxItems": 10, "items": UNIT},
        "payment_source": {
            "type": "object",
            "properties": {"paypal": {"type": "object", "properties": {"experience_context": EXPERIENCE}}},
        },
    },
}
CAPTURE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"amount": MONEY, "final_capture": {"type": "boolean"}},
}
REFUND = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "amount": MONEY,
        "custom_id": {"type": "string", "minLength": 1, "maxLength": 127, "pattern": r"^[A-Za-z0-9\-_.,]+$"},
        "note_to_payer": {"type": "string", "minLength": 1, "maxLength": 255},
    },
}
MERCHANT = "2ABCDEFGHJKLM"
# https://developer.paypal.com/docs/api/payments/v2/ gives 108 for `PayPal-Request-Id`; a later part adds two.
LONGEST_KEY = 108


def sent(body: Any) -> Any:
    """As the SDK puts it on the wire."""
    return json.loads(APIHelper.json_serialize(body))


def fits(schema: dict[str, Any], document: Any) -> bool:
    OAS30Validator(schema).validate(document)
    return True


@pytest.mark.parametrize("capture_at_once", [True, False])
@pytest.mark.parametrize(("amount", "currency"), [("50.00", "EUR"), ("500", "JPY"), ("7.5", "USD"), ("0.01", "GBP")])
def test_an_order_fits(amount: str, currency: str, capture_at_once: bool) -> None:
    asked = request(amount, currency, capture_at_once=capture_at_once)
    document = sent(order_request(asked, payee=MERCHANT))
    assert fits(ORDER, document)
    assert document["intent"] == ("CAPTURE" if capture_at_once else "AUTHORIZE")
    context = document["payment_source"]["paypal"]["experience_context"]
    assert (context["return_url"], context["cancel_url"]) == (BACK, BACK)
    unit = document["purchase_units"][0]
    assert unit["custom_id"] == str(asked.payment_id)
    assert unit["invoice_id"] == f"W-1001-{asked.payment_id.hex[:8]}"


def test_an_order_without_a_page_to_go_back_to_fits() -> None:
    assert fits(ORDER, sent(order_request(replace(request(), return_url=""), payee=MERCHANT)))


@pytest.mark.parametrize("is_last", [True, False])
def test_a_capture_fits(is_last: bool) -> None:
    document = sent(capture_request(eur("20"), is_last=is_last))
    assert fits(CAPTURE, document)
    assert document == {"amount": {"currency_code": "EUR", "value": "20.00"}, "final_capture": is_last}


@pytest.mark.parametrize(("part", "custom_id"), [("45.00", "7"), ("20.00", "7-45.00")])
@pytest.mark.parametrize("reason", ["", "broken", "x" * 400])
def test_a_refund_fits(part: str, custom_id: str, reason: str) -> None:
    document = sent(refund_request(eur(part), refund_id=7, total=eur("45.00"), reason=reason))
    assert fits(REFUND, document)
    assert (document["custom_id"], document["amount"]["value"]) == (custom_id, part)


def test_a_currency_of_whole_units_at_paypal_is_sent_whole() -> None:
    assert sent(capture_request(Money(Decimal("500.00"), "TWD"), is_last=True))["amount"]["value"] == "500"


def test_keys_are_short_enough() -> None:
    assert len(key()) + 2 <= LONGEST_KEY
