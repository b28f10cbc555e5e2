"""Payments v2: https://developer.paypal.com/docs/api/payments/v2/"""

from decimal import Decimal

from sandbox.paypal.amounts import read_amount, value_of, write_amount
from sandbox.paypal.desk import Desk, Document, now, public, text
from sandbox.paypal.errors import Refusal

_FEE_RATE = Decimal("0.03")
_CAPTURE_STATUSES = {"PENDING": "PENDING", "DENIED": "DECLINED"}
_CAPTURE_EVENTS = {"COMPLETED": "COMPLETED", "PENDING": "PENDING", "DECLINED": "DENIED"}
_OPEN = frozenset({"CREATED", "PARTIALLY_CAPTURED"})


def add_capture(desk: Desk, order: Document, value: Decimal, *, is_final: bool, authorization: str = "") -> Document:
    """Write a capture into the order, which is stored with it."""
    unit = order["purchase_units"][0]
    currency = unit["amount"]["currency_code"]
    status = _CAPTURE_STATUSES.get(order["_funding"], "COMPLETED")
    capture = {
        "id": desk.new_id(),
        "status": status,
        "amount": write_amount(value, currency),
        "final_capture": is_final,
        "seller_protection": {"status": "NOT_ELIGIBLE"},
        "seller_receivable_breakdown": _breakdown(value, currency),
        **{name: unit[name] for name in ("custom_id", "invoice_id") if name in unit},
        "create_time": text(now()),
        "update_time": text(now()),
        "supplementary_data": {
            "related_ids": {"order_id": order["id"]} | ({"authorization_id": authorization} if authorization else {})
        },
        "_order": order["id"],
        "_funding": order["_funding"],
        "_disputed": False,
    }
    if status == "PENDING":
        capture["status_details"] = {"reason": "ECHECK"}
    desk.put("capture", capture)
    order["_captures"].append(capture["id"])
    order["update_time"] = text(now())
    desk.put("order", order)
    _move(desk, capture, "T0006")
    desk.tell(f"PAYMENT.CAPTURE.{_CAPTURE_EVENTS[status]}", "capture", capture_resource(desk, capture))
    return capture


def capture_authorization(desk: Desk, authorization_id: str, body: Document) -> Document:
    """Take a part or all of what is held; the last part releases the rest."""
    authorization = desk.get("authorization", authorization_id)
    if authorization["status"] not in _OPEN:
        raise Refusal(
            "AUTHORIZATION_VOIDED" if authorization["status"] == "VOIDED" else "AUTHORIZATION_ALREADY_CAPTURED"
        )
    if authorization["expiration_time"] <= text(now()):
        raise Refusal("AUTHORIZATION_EXPIRED")
    order = desk.get("order", authorization["_order"])
    held, currency = value_of(authorization["amount"]), authorization["amount"]["currency_code"]
    left = held - sum((value_of(desk.get("capture", key)["amount"]) for key in order["_captures"]), Decimal(0))
    value, asked_in = read_amount(body.get("amount") or write_amount(left, currency), field="/amount")
    if asked_in != currency:
        raise Refusal("AUTH_CAPTURE_CURRENCY_MISMATCH")
    if value > left:
        raise Refusal("MAX_CAPTURE_AMOUNT_EXCEEDED")
    is_final = bool(body.get("final_capture")) or value == left
    authorization |= {"status": "CAPTURED" if is_final else "PARTIALLY_CAPTURED", "update_time": text(now())}
    desk.put("authorization", authorization)
    return add_capture(desk, order, value, is_final=is_final, authorization=authorization_id)


def void_authorization(desk: Desk, authorization_id: str) -> Document:
    """Give up what is still held; what was captured of it stays taken."""
    authorization = desk.get("authorization", authorization_id)
    if authorization["status"] == "VOIDED":
        raise Refusal("PREVIOUSLY_VOIDED")
    if authorization["status"] == "CAPTURED":
        raise Refusal("PREVIOUSLY_CAPTURED")
    authorization |= {"status": "VOIDED", "update_time": text(now())}
    desk.put("authorization", authorization)
    desk.tell("PAYMENT.AUTHORIZATION.VOIDED", "authorization", authorization_resource(desk, authorization))
    return authorization


def expire_authorization(desk: Desk, authorization_id: str) -> Document:
    """As if its 29 days were over."""
    authorization = desk.get("authorization", authorization_id)
    authorization["expiration_time"] = text(now())
    desk.put("authorization", authorization)
    return authorization


def settle_capture(desk: Desk, capture_id: str, status: str) -> Document:
    """A pending capture comes or does not: `COMPLETED` or `DECLINED`."""
    capture = desk.get("capture", capture_id)
    if capture["status"] != "PENDING" or status not in {"COMPLETED", "DECLINED"}:
        raise Refusal("INVALID_PARAMETER_VALUE", status=400)
    capture |= {"status": status, "update_time": text(now())}
    capture.pop("status_details", None)
    desk.put("capture", capture)
    _move(desk, capture, "T0006")
    desk.tell(f"PAYMENT.CAPTURE.{_CAPTURE_EVENTS[status]}", "capture", capture_resource(desk, capture))
    return capture


def refund_capture(desk: Desk, capture_id: str, body: Document) -> Document:
    """Give back a part or all of a capture, never more than is left of it."""
    capture = desk.get("capture", capture_id)
    if capture["_disputed"]:
        raise Refusal("CAPTURE_DISPUTED")
    if capture["status"] == "REFUNDED":
        raise Refusal("CAPTURE_FULLY_REFUNDED")
    if capture["status"] not in {"COMPLETED", "PARTIALLY_REFUNDED"}:
        raise Refusal("REFUND_NOT_ALLOWED")
    order = desk.get("order", capture["_order"])
    currency = capture["amount"]["currency_code"]
    left = value_of(capture["amount"]) - _given_back(desk, order, capture_id)
    value, asked_in = read_amount(body.get("amount") or write_amount(left, currency), field="/amount")
    if asked_in != currency:
        raise Refusal("REFUND_CAPTURE_CURRENCY_MISMATCH")
    if value > left:
        raise Refusal("REFUND_AMOUNT_EXCEEDED", "The refund amount must be less than or equal to the capture amount.")
    return _add_refund(desk, order, capture, value, names=body)


def _add_refund(desk: Desk, order: Document, capture: Document, value: Decimal, *, names: Document) -> Document:
    currency = capture["amount"]["currency_code"]
    given = _given_back(desk, order, capture["id"])
    refund_id = desk.new_id()
    refund = {
        "id": refund_id,
        "amount": write_amount(value, currency),
        "status": "PENDING" if capture["_funding"] == "REFUND_PENDING" else "COMPLETED",
        **{name: names[name] for name in ("custom_id", "invoice_id", "note_to_payer") if names.get(name)},
        "seller_payable_breakdown": {
            "gross_amount": write_amount(value, currency),
            "net_amount": write_amount(value, currency),
            "total_refunded_amount": write_amount(given + value, currency),
        },
        "create_time": text(now()),
        "update_time": text(now()),
        "links": [
            desk.link(f"/v2/payments/refunds/{refund_id}", "self"),
            desk.link(f"/v2/payments/captures/{capture['id']}", "up"),
        ],
        "_capture": capture["id"],
        "_order": order["id"],
    }
    desk.put("refund", refund)
    order["_refunds"].append(refund_id)
    desk.put("order", order)
    _tell_refund(desk, refund)
    return refund


def settle_refund(desk: Desk, refund_id: str, status: str) -> Document:
    """A pending refund arrives or does not: `COMPLETED` or `FAILED`."""
    refund = desk.get("refund", refund_id)
    if refund["status"] != "PENDING" or status not in {"COMPLETED", "FAILED"}:
        raise Refusal("INVALID_PARAMETER_VALUE", status=400)
    refund |= {"status": status, "update_time": text(now())}
    desk.put("refund", refund)
    _tell_refund(desk, refund)
    return refund


def _tell_refund(desk: Desk, refund: Document) -> None:
    """Bring the capture's status and the report up to date, and send what PayPal sends."""
    capture = desk.get("capture", refund["_capture"])
    given = _given_back(desk, desk.get("order", refund["_order"]), capture["id"])
    capture["status"] = "COMPLETED" if not given else "PARTIALLY_REFUNDED"
    if given >= value_of(capture["amount"]):
        capture["status"] = "REFUNDED"
    capture["update_time"] = text(now())
    desk.put("capture", capture)
    _move(desk, refund, "T1107", base=capture["id"])
    event = {"COMPLETED": "PAYMENT.CAPTURE.REFUNDED"}.get(refund["status"], f"PAYMENT.REFUND.{refund['status']}")
    desk.tell(event, "refund", public(refund))


def _given_back(desk: Desk, order: Document, capture_id: str) -> Decimal:
    refunds = [desk.get("refund", key) for key in order["_refunds"]]
    return sum(
        (
            value_of(refund["amount"])
            for refund in refunds
            if refund["_capture"] == capture_id and refund["status"] != "FAILED"
        ),
        Decimal(0),
    )


def capture_resource(desk: Desk, capture: Document) -> Document:
    path = f"/v2/payments/captures/{capture['id']}"
    links = [
        desk.link(path, "self"),
        desk.link(f"{path}/refund", "refund", "POST"),
        desk.link(f"/v2/checkout/orders/{capture['_order']}", "up"),
    ]
    return {**public(capture), "links": links}


def authorization_resource(desk: Desk, authorization: Document) -> Document:
    path = f"/v2/payments/authorizations/{authorization['id']}"
    links = [
        desk.link(path, "self"),
        desk.link(f"{path}/capture", "capture", "POST"),
        desk.link(f"{path}/void", "void", "POST"),
        desk.link(f"/v2/checkout/orders/{authorization['_order']}", "up"),
    ]
    return {**public(authorization), "links": links}


def _breakdown(value: Decimal, currency: str) -> Document:
    fee = value_of(write_amount(value * _FEE_RATE, currency))
    return {
        "gross_amount": write_amount(value, currency),
        "paypal_fee": write_amount(fee, currency),
        "net_amount": write_amount(value - fee, currency),
    }


def _move(desk: Desk, transfer: Document, code: str, *, base: str = "") -> None:
    """A row of the transaction report; written again when its status changes."""
    amount = dict(transfer["amount"])
    statuses = {"COMPLETED": "S", "PARTIALLY_REFUNDED": "S", "REFUNDED": "S", "PENDING": "P"}
    row = {
        "id": transfer["id"],
        "transaction_id": transfer["id"],
        "transaction_event_code": code,
        "transaction_initiation_date": transfer["create_time"],
        "transaction_updated_date": transfer["update_time"],
        "transaction_amount": amount | ({"value": f"-{amount['value']}"} if base else {}),
        "transaction_status": statuses.get(transfer["status"], "D"),
        **({"custom_field": transfer["custom_id"]} if "custom_id" in transfer else {}),
        **({"invoice_id": transfer["invoice_id"]} if "invoice_id" in transfer else {}),
        **({"paypal_reference_id": base, "paypal_reference_id_type": "TXN"} if base else {}),
    }
    desk.put("movement", row)
