"""What the OpenAPI document says of the addresses that providers call."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from orders.schemas import HEADER, PROBLEM, Decorator

SAYS = "Answered as soon as it is kept; what it says is read from the provider later. Sending it again is harmless."


def _webhook(name: str, summary: str, headers: list[str], example: dict[str, Any]) -> Decorator:
    signature = [OpenApiParameter(header, str, HEADER, required=True) for header in headers]
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=SAYS,
        tags=["webhooks"],
        parameters=signature,
        request={"application/json": OpenApiTypes.OBJECT},
        responses={
            204: OpenApiResponse(description="Kept, or known already, or of no interest."),
            (400, "application/problem+json"): OpenApiResponse(PROBLEM, "`invalid_signature`."),
            (404, "application/problem+json"): OpenApiResponse(PROBLEM, "The provider is not configured."),
        },
        examples=[OpenApiExample("An event", value=example, request_only=True)],
    )


STRIPE = _webhook(
    *("webhooks_stripe", "Hear from Stripe", ["Stripe-Signature"]),
    {
        "id": "evt_1",
        "object": "event",
        "type": "payment_intent.succeeded",
        "data": {"object": {"id": "pi_1", "object": "payment_intent"}},
    },
)
PAYPAL = _webhook(
    *("webhooks_paypal", "Hear from PayPal"),
    [
        *("PAYPAL-TRANSMISSION-ID", "PAYPAL-TRANSMISSION-TIME", "PAYPAL-TRANSMISSION-SIG"),
        *("PAYPAL-CERT-URL", "PAYPAL-AUTH-ALGO"),
    ],
    {
        "id": "WH-1",
        "event_type": "PAYMENT.CAPTURE.COMPLETED",
        "resource": {"id": "3C1", "supplementary_data": {"related_ids": {"order_id": "5O1"}}},
    },
)
