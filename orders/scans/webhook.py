"""Where carriers tell about parcels: signed, kept once, acknowledged at once."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import TextField
from api.json import OrjsonParser
from api.webhooks import InvalidSignature, SignedViewSet, is_signed
from kernel.errors import NotFound
from orders.models import CarrierScan
from orders.scans import inbox
from orders.schemas import HEADER, PROBLEM

SIGNATURE = "X-Signature"
# So far a carrier's clock may be ahead of ours.
CLOCKS_DIFFER = timedelta(minutes=5)
EXAMPLE = {
    "event_id": "0b9f3a",
    "tracking_number": "00340434161094042557",
    "status": "out_for_delivery",
    "place": "Berlin",
    "at": "2030-03-04T07:40:00Z",
}


class ScanInput(serializers.Serializer[Any]):
    """One scan. What a carrier says beside it is left alone."""

    event_id = TextField(max_length=255, is_identifier=True, help_text="The carrier's own: a repeated one is one scan.")
    tracking_number = TextField(max_length=100, is_identifier=True)
    status = serializers.ChoiceField(CarrierScan.Status.choices)
    place = TextField(max_length=200, required=False, default="", allow_blank=True)
    at = serializers.DateTimeField(help_text="When it was scanned; at most five minutes from now.")

    def validate_at(self, at: datetime) -> datetime:
        """What was scanned last counts: one from the future would be the last for ever."""
        if at > timezone.now() + CLOCKS_DIFFER:
            raise serializers.ValidationError("This lies in the future.", code="future")
        return at


class CarrierWebhookViewSet(SignedViewSet):
    """One carrier a path, each with secrets of its own."""

    @extend_schema(
        operation_id="webhooks_carriers",
        summary="Hear from a carrier",
        description=f"`{SIGNATURE}` is the HMAC-SHA256 of the raw body in hexadecimal, by a secret shared with the "
        "carrier. `delivered` delivers the package; scans may come in any order, and again.",
        tags=["webhooks"],
        parameters=[
            OpenApiParameter(SIGNATURE, str, HEADER, required=True),
            OpenApiParameter("carrier", str, "path", description="As `CARRIER_WEBHOOK_SECRETS` names it."),
        ],
        request=ScanInput,
        responses={
            204: OpenApiResponse(description="Kept, or known already."),
            (400, "application/problem+json"): OpenApiResponse(PROBLEM, "`invalid_signature`, or no scan."),
            (404, "application/problem+json"): OpenApiResponse(PROBLEM, "The carrier is not configured."),
        },
        examples=[OpenApiExample("A scan", value=EXAMPLE, request_only=True)],
    )
    def receive(self, request: Request, carrier: str) -> Response:
        secrets = settings.CARRIER_WEBHOOK_SECRETS.get(carrier.lower())
        if not secrets:
            raise NotFound("This carrier is not configured.")
        body = self.raw_body()
        if not is_signed(body, request.headers.get(SIGNATURE, ""), secrets):
            raise InvalidSignature("The carrier did not sign this.")
        given = ScanInput(data=OrjsonParser().parse(BytesIO(body)))
        given.is_valid(raise_exception=True)
        inbox.store(carrier=carrier.lower(), scan=given.validated_data)
        return Response(status=204)
