"""What a webhook of PayPal says, in ids: https://developer.paypal.com/api/rest/webhooks/event-names/"""

import json

from payments.gateways.base import BadSignature, Notice
from payments.gateways.paypal.documents import BY_CAPTURE, Document, capture_behind

_NEEDED = ("CHECKOUT.ORDER.", "PAYMENT.AUTHORIZATION.", "PAYMENT.CAPTURE.", "PAYMENT.REFUND.", "CUSTOMER.DISPUTE.")


def notice_of(body: bytes) -> Notice | None:
    """The body is verified already. `payment_reference` is the order's id, or `capture:<id>` where only a capture of
    it is named (disputes and most refunds). Raises `BadSignature` for what no webhook can be.
    """
    try:
        event = json.loads(body)
        name, resource = event["event_type"], event["resource"]
        if not name.startswith(_NEEDED):
            return None
        object_id = str(resource.get("id") or resource.get("dispute_id") or "")
        return Notice(event["id"], name, _payment_reference(name, resource), object_id)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
        raise BadSignature("The body is not an event.") from problem


def _payment_reference(name: str, resource: Document) -> str:
    if name.startswith("CHECKOUT.ORDER."):
        return str(resource.get("id") or resource.get("order_id") or "")
    ids = (resource.get("supplementary_data") or {}).get("related_ids") or {}
    if order_id := ids.get("order_id"):
        return str(order_id)
    capture_id = ids.get("capture_id") or capture_behind(resource)
    if name.startswith("CUSTOMER.DISPUTE."):
        disputed = (resource.get("disputed_transactions") or [{}])[0]
        capture_id = disputed.get("seller_transaction_id")
    return f"{BY_CAPTURE}{capture_id}" if capture_id else ""
