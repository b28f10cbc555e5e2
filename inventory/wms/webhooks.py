"""Where a WMS tells what it has shipped and counted: signed, kept once, acknowledged at once."""

from typing import Literal

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.webhooks import InvalidSignature, SignedViewSet
from inventory.wms import inbox, signing
from inventory.wms.base import BadNotice, BadSignature, Notice
from inventory.wms.links import Link, adapter_of, link_of_key
from kernel.errors import Invalid

HEADER: Literal["header"] = "header"
HEADERS = (signing.KEY, signing.ID, signing.TIMESTAMP, signing.SIGNATURE)
SHIPMENT = {
    "type": "shipment",
    "data": {
        "shipment": "shp_1",
        "order": "W1000001",
        "warehouse": "NORTH",
        "carrier": "DHL",
        "tracking_number": "00340434000000000012",
        "shipped_at": "2030-03-05T09:12:00Z",
        "lines": [{"line": 311, "quantity": 2}],
    },
}
STOCK = {
    "type": "stock",
    "data": {
        "items": [{"sku": "MUG-BLUE", "warehouse": "NORTH", "on_hand": 58, "as_of": "2030-03-05T09:12:00Z"}],
    },
}


class WmsWebhookViewSet(SignedViewSet):
    """Shipments and stock as a WMS tells them."""

    @extend_schema(
        operation_id="webhooks_wms",
        summary="Hear from a WMS",
        description="Answered as soon as it is kept; a worker takes it up. Sending it again is harmless.",
        tags=["webhooks"],
        parameters=[OpenApiParameter(name, str, HEADER, required=True) for name in HEADERS],
        request={"application/json": OpenApiTypes.OBJECT},
        responses={204: OpenApiResponse(description="Kept, or known already, or of no interest.")},
        examples=[
            OpenApiExample("A package has left", value=SHIPMENT, request_only=True),
            OpenApiExample("Counted", value=STOCK, request_only=True),
        ],
    )
    def wms(self, request: Request) -> Response:
        link = link_of_key(request.headers.get(signing.KEY, ""))
        if link is None:
            raise InvalidSignature()
        notice = self.heard(link)
        if notice is not None:
            inbox.store(link=link.name, notice=notice)
        return Response(status=204)

    def heard(self, link: Link) -> Notice | None:
        try:
            return adapter_of(link).verify(self.request.headers, self.raw_body())
        except BadSignature as error:
            raise InvalidSignature() from error
        except BadNotice as error:
            raise Invalid(str(error)) from error
