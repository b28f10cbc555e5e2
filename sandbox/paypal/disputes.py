"""Customer disputes v1: https://developer.paypal.com/docs/api/customer-disputes/v1/"""

from collections.abc import Mapping

from sandbox.paypal.amounts import read_amount, value_of, write_amount
from sandbox.paypal.desk import Desk, Document, now, public, text
from sandbox.paypal.errors import Refusal

OUTCOMES = frozenset(
    {
        "RESOLVED_BUYER_FAVOUR",
        "RESOLVED_SELLER_FAVOUR",
        "RESOLVED_WITH_PAYOUT",
        "CANCELED_BY_BUYER",
        "ACCEPTED",
        "DENIED",
    }
)


def open_dispute(desk: Desk, capture_id: str, body: Document) -> Document:
    """The customer complains about a capture, or about a part of it."""
    capture = desk.get("capture", capture_id)
    if capture["_disputed"]:
        raise Refusal("CAPTURE_DISPUTED")
    currency = capture["amount"]["currency_code"]
    value, _ = read_amount(body.get("amount") or capture["amount"], field="/amount")
    if value > value_of(capture["amount"]):
        raise Refusal("AMOUNT_EXCEEDED")
    dispute_id = desk.new_id("PP-D-", length=9)
    dispute = {
        "dispute_id": dispute_id,
        "create_time": text(now()),
        "update_time": text(now()),
        "disputed_transactions": [
            {
                "seller_transaction_id": capture_id,
                "create_time": capture["create_time"],
                "transaction_status": "COMPLETED",
                "gross_amount": capture["amount"],
                "custom": capture.get("custom_id", ""),
                "invoice_number": capture.get("invoice_id", ""),
            }
        ],
        "reason": body.get("reason", "MERCHANDISE_OR_SERVICE_NOT_RECEIVED"),
        "status": "OPEN",
        "dispute_state": "REQUIRED_ACTION",
        "dispute_amount": write_amount(value, currency),
        "dispute_life_cycle_stage": "CHARGEBACK",
        "dispute_channel": "INTERNAL",
        "links": [desk.link(f"/v1/customer/disputes/{dispute_id}", "self")],
    }
    desk.put("dispute", dispute, parent=capture_id)
    desk.put("capture", capture | {"_disputed": True})
    desk.tell("CUSTOMER.DISPUTE.CREATED", "dispute", public(dispute))
    return dispute


def close_dispute(desk: Desk, dispute_id: str, outcome: str) -> Document:
    """PayPal decides."""
    dispute = desk.get("dispute", dispute_id)
    if dispute["status"] == "RESOLVED" or outcome not in OUTCOMES:
        raise Refusal("INVALID_PARAMETER_VALUE", status=400)
    dispute |= {
        "status": "RESOLVED",
        "dispute_state": "RESOLVED",
        "update_time": text(now()),
        "dispute_outcome": {"outcome_code": outcome, "amount_refunded": dispute["dispute_amount"]},
    }
    desk.put("dispute", dispute)
    capture = desk.get("capture", dispute["disputed_transactions"][0]["seller_transaction_id"])
    desk.put("capture", capture | {"_disputed": False})
    desk.tell("CUSTOMER.DISPUTE.RESOLVED", "dispute", public(dispute))
    return dispute


def list_disputes(desk: Desk, query: Mapping[str, str]) -> Document:
    """By the transaction or by time, page by page, in the short form of PayPal's list."""
    wanted, since = query.get("disputed_transaction_id"), query.get("start_time", "")
    if wanted and since:
        raise Refusal("INVALID_PARAMETER_VALUE", "Either start_time or disputed_transaction_id.", status=400)
    listed = desk.list("dispute", **({"parent": wanted} if wanted else {}))
    found = [dispute for dispute in listed if dispute["create_time"] >= since]
    size, offset = min(int(query.get("page_size", 10)), 50), int(query.get("next_page_token", 0))
    short = ("dispute_id", "create_time", "update_time", "reason", "status", "dispute_state", "dispute_amount", "links")
    links = [desk.link("/v1/customer/disputes", "self")]
    if offset + size < len(found):
        links.append(desk.link(f"/v1/customer/disputes?page_size={size}&next_page_token={offset + size}", "next"))
    items = [{name: dispute[name] for name in short} for dispute in found[offset : offset + size]]
    return {"items": items, "links": links}
