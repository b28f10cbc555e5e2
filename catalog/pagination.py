"""Pages of products."""

from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import CursorPage

RELEVANCE, NEWEST = "relevance", "-created_at"


class ProductPage(CursorPage):
    """Best matches first when something was searched for, else the newest; facets beside the results."""

    def get_ordering(self, request: Request, view: Any) -> tuple[str, Sequence[str]]:
        asked = request.query_params.get("ordering") or RELEVANCE
        if asked != RELEVANCE:
            return super().get_ordering(request, view)
        name = RELEVANCE if request.query_params.get("q", "").strip() else NEWEST
        return name, view.ordering_fields[name]

    def get_paginated_response(self, data: Any, facets: Any = None) -> Response:
        response = super().get_paginated_response(data)
        if facets is not None:
            response.data["facets"] = facets
        return response
