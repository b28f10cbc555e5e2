"""Reports over HTTP: JSON or CSV, by `format` or by `Accept`."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import IsAdmin, roles
from api.json import OrjsonRenderer
from api.views import ViewSet
from kernel.errors import Invalid
from reporting import figures
from reporting.liability import COLUMNS, gift_card_liability
from reporting.serializers import LiabilityQuery, LiabilityReport, Report, ReportQuery, TopProductsQuery
from reporting.tables import CsvRenderer

WINDOW = {"granularity", "from", "to", "currency", "format"}
Rows = list[dict[str, Any]]
EXAMPLE = OpenApiExample(
    "Sales by month",
    value={
        "report": "sales",
        "currency": "EUR",
        "first": "2026-01-01",
        "last": "2026-01-31",
        "columns": ["period", "orders", "units", "total"],
        "rows": [{"period": "2026-01-01", "orders": 2, "units": 5, "total": "104.50"}],
    },
    response_only=True,
)

LIABILITY_EXAMPLE = OpenApiExample(
    "At the end of a year",
    value={
        "report": "gift-card-liability",
        "at": "2026-12-31T22:59:59.999999Z",
        "columns": list(COLUMNS),
        "rows": [
            {
                "currency": "EUR",
                "cards": 12,
                "issued": "900.00",
                "adjusted": "-10.00",
                "refunded": "25.00",
                "spent": "340.00",
                "expired": "75.00",
                "outstanding": "500.00",
                "frozen": "50.00",
                "past": "0.00",
            }
        ],
    },
    response_only=True,
)


def described(query: type[ReportQuery]) -> Callable[..., Any]:
    return extend_schema(
        parameters=[query],
        responses={(200, "application/json"): Report, (200, "text/csv"): OpenApiTypes.STR},
        examples=[EXAMPLE],
    )


class ReportViewSet(ViewSet):
    """What was sold, on average for how much, what most, and how fast it left the house."""

    permission_classes = [roles("admin", "customer_service")]
    renderer_classes = [OrjsonRenderer, CsvRenderer]
    query_params = {
        **dict.fromkeys(("sales", "average_order_value", "fulfilment"), WINDOW),
        "top_products": WINDOW | {"by", "limit"},
        "gift_card_liability": {"at", "currency", "format"},
    }

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        asked = request.query_params.get("format")
        if asked is None:
            return super().perform_content_negotiation(request, force)
        for renderer in self.get_renderers():
            if renderer.format == asked:
                return renderer, renderer.media_type
        if force:
            return self.get_renderers()[0], OrjsonRenderer.media_type
        raise Invalid("json or csv.", field="format")

    @described(ReportQuery)
    @action(detail=False)
    def sales(self, request: Request) -> Response:
        return self._answer("sales", ReportQuery, lambda q: figures.sales(q["window"], q["granularity"]))

    @described(ReportQuery)
    @action(detail=False, url_path="average-order-value")
    def average_order_value(self, request: Request) -> Response:
        def read(q: dict[str, Any]) -> Rows:
            return figures.average_order_value(q["window"], q["granularity"])

        return self._answer("average-order-value", ReportQuery, read)

    @described(TopProductsQuery)
    @action(detail=False, url_path="top-products")
    def top_products(self, request: Request) -> Response:
        def read(q: dict[str, Any]) -> Rows:
            return figures.top_products(q["window"], q["by"], q["limit"])

        return self._answer("top-products", TopProductsQuery, read)

    @described(ReportQuery)
    @action(detail=False)
    def fulfilment(self, request: Request) -> Response:
        return self._answer("fulfilment", ReportQuery, lambda q: figures.fulfilment(q["window"], q["granularity"]))

    @extend_schema(
        parameters=[LiabilityQuery],
        responses={(200, "application/json"): LiabilityReport, (200, "text/csv"): OpenApiTypes.STR},
        examples=[LIABILITY_EXAMPLE],
    )
    @action(detail=False, url_path="gift-card-liability", permission_classes=[IsAdmin])
    def gift_card_liability(self, request: Request) -> Response:
        asked = LiabilityQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        at = asked.validated_data.get("at", timezone.now())
        rows = gift_card_liability(at, asked.validated_data.get("currency", ""))
        return Response({"report": "gift-card-liability", "at": at, "columns": list(COLUMNS), "rows": rows})

    def _answer(self, name: str, query: type[ReportQuery], read: Callable[[dict[str, Any]], Rows]) -> Response:
        asked = query(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        window, rows = asked.validated_data["window"], read(asked.validated_data)
        return Response(
            {
                "report": name,
                "currency": window.currency,
                "first": window.first,
                "last": window.last,
                "columns": figures.COLUMNS[name],
                "rows": rows,
            }
        )
