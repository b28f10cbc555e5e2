"""Orders v2: https://developer.paypal.com/docs/api/orders/v2/"""

from typing import Any

from sandbox.paypal.amounts import read_amount, value_of, write_amount
from sandbox.paypal.desk import Desk, Document, in_days, now, public, text
from sandbox.paypal.errors import Refusal
from sandbox.paypal.payments import add_capture, authorization_resource

# How the customer's approval can turn out, chosen on the approval page or by the helper of tests.
FUNDINGS = ("", "INSTRUMENT_DECLINED", "PENDING", "DENIED", "REFUND_PENDING")
_PAYER = {
    "name": {"given_name": "Sandbox", "surname": "Customer"},
    "email_address": "customer@example.com",
    "payer_id": "SANDBOXPAYER1",
    "address": {"country_code": "US"},
}
_AUTHORIZED_DAYS = 29
_WAITING = frozenset({"CREATED", "PAYER_ACTION_REQUIRED"})


def create_order(desk: Desk, body: Document) -> Document:
    """Open an order that a customer can approve. Raises `Refusal`."""
    intent = body.get("intent")
    if intent not in {"CAPTURE", "AUTHORIZE"}:
        raise Refusal("INVALID_PARAMETER_VALUE", status=400, field="/intent")
    units = body.get("purchase_units")
    if not isinstance(units, list) or len(units) != 1:
        raise Refusal("INVALID_ARRAY_MAX_ITEMS", "This stand-in takes one purchase unit.", field="/purchase_units")
    wallet = (body.get("payment_source") or {}).get("paypal")
    context = (wallet or {}).get("experience_context") or body.get("application_context") or {}
    order = {
        "id": desk.new_id(),
        "intent": intent,
        "status": "CREATED" if wallet is None else "PAYER_ACTION_REQUIRED",
        "purchase_units": [_unit(desk, units[0])],
        "create_time": text(now()),
        "_return_url": context.get("return_url", ""),
        "_cancel_url": context.get("cancel_url", ""),
        "_funding": "",
        "_authorizations": [],
        "_captures": [],
        "_refunds": [],
    }
    desk.put("order", order)
    return order


def _unit(desk: Desk, asked: Document) -> Document:
    value, currency = read_amount(asked.get("amount"), field="/purchase_units/@reference_id=='default'/amount")
    unit: Document = {
        "reference_id": asked.get("reference_id", "default"),
        "amount": write_amount(value, currency),
        "payee": {"merchant_id": (asked.get("payee") or {}).get("merchant_id") or desk.merchant_id},
    }
    for name, longest in (("description", 127), ("custom_id", 255), ("invoice_id", 127)):
        if name in asked:
            if not isinstance(asked[name], str) or len(asked[name]) > longest:
                raise Refusal("INVALID_STRING_LENGTH", status=400, field=f"/purchase_units/0/{name}")
            unit[name] = asked[name]
    return unit


def order_document(desk: Desk, order: Document) -> Document:
    """The order with everything that has happened to its money."""
    unit = dict(order["purchase_units"][0])
    payments: dict[str, Any] = {}
    for name, kind in (("authorizations", "authorization"), ("captures", "capture"), ("refunds", "refund")):
        if ids := order[f"_{name}"]:
            payments[name] = [public(desk.get(kind, key)) for key in ids]
    if payments:
        unit["payments"] = payments
    path = f"/v2/checkout/orders/{order['id']}"
    links = [desk.link(path, "self")]
    if order["status"] in _WAITING:
        rel = "approve" if order["status"] == "CREATED" else "payer-action"
        links.append(desk.link(f"/checkoutnow?token={order['id']}", rel))
    if order["status"] == "APPROVED":
        verb = order["intent"].lower()
        links.append(desk.link(f"{path}/{verb}", verb, "POST"))
    return {**public(order), "purchase_units": [unit], "links": links}


def approve_order(desk: Desk, order_id: str, *, funding: str = "") -> Document:
    """What the customer does on PayPal's page; again after a refused instrument, with another."""
    order = desk.get("order", order_id)
    if funding not in FUNDINGS:
        raise Refusal("INVALID_PARAMETER_VALUE", status=400, field="/payer")
    if order["_captures"] or order["_authorizations"] or order["status"] not in _WAITING | {"APPROVED"}:
        raise Refusal("ORDER_CANNOT_BE_APPROVED")
    order |= {"status": "APPROVED", "_funding": funding, "payer": _PAYER, "update_time": text(now())}
    order["payment_source"] = {"paypal": {"email_address": _PAYER["email_address"], "account_id": _PAYER["payer_id"]}}
    desk.put("order", order)
    desk.tell("CHECKOUT.ORDER.APPROVED", "checkout-order", order_document(desk, order))
    return order


def capture_order(desk: Desk, order_id: str) -> Document:
    """Take the money of an approved order, once."""
    order = desk.get("order", order_id)
    if order["intent"] != "CAPTURE":
        raise Refusal("ACTION_DOES_NOT_MATCH_INTENT")
    if order["_captures"]:
        raise Refusal("ORDER_ALREADY_CAPTURED")
    _guard(desk, order)
    unit = order["purchase_units"][0]
    order["status"] = "COMPLETED"
    add_capture(desk, order, value_of(unit["amount"]), is_final=True)
    return order


def authorize_order(desk: Desk, order_id: str) -> Document:
    """Hold the money of an approved order, once."""
    order = desk.get("order", order_id)
    if order["intent"] != "AUTHORIZE":
        raise Refusal("ACTION_DOES_NOT_MATCH_INTENT")
    if order["_authorizations"]:
        raise Refusal("ORDER_ALREADY_AUTHORIZED")
    _guard(desk, order)
    unit = order["purchase_units"][0]
    status = {"DENIED": "DENIED", "PENDING": "PENDING"}.get(order["_funding"], "CREATED")
    authorization = {
        "id": desk.new_id(),
        "status": status,
        "amount": unit["amount"],
        "seller_protection": {"status": "NOT_ELIGIBLE"},
        "expiration_time": in_days(_AUTHORIZED_DAYS),
        **{name: unit[name] for name in ("custom_id", "invoice_id") if name in unit},
        "create_time": text(now()),
        "update_time": text(now()),
        "supplementary_data": {"related_ids": {"order_id": order["id"]}},
        "_order": order["id"],
    }
    desk.put("authorization", authorization)
    order["_authorizations"].append(authorization["id"])
    order |= {"status": "COMPLETED", "update_time": text(now())}
    desk.put("order", order)
    desk.tell("PAYMENT.AUTHORIZATION.CREATED", "authorization", authorization_resource(desk, authorization))
    return order


def _guard(desk: Desk, order: Document) -> None:
    if order["status"] != "APPROVED":
        raise Refusal("ORDER_NOT_APPROVED", "Payer has not yet approved the Order for payment.")
    if order["_funding"] == "INSTRUMENT_DECLINED":
        raise Refusal("INSTRUMENT_DECLINED", "The instrument presented was declined by the processor or bank.")
    invoice_id = order["purchase_units"][0].get("invoice_id")
    if invoice_id:
        taken = desk.find("invoice", invoice_id)
        if taken and taken["_order"] != order["id"]:
            raise Refusal("DUPLICATE_INVOICE_ID", "Requested invoice ID has been previously used by the merchant.")
        desk.put("invoice", {"id": invoice_id, "_order": order["id"]})
