"""Pages of products."""

from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import CursorPage
from kernel.errors import Invalid


class ProductPage(CursorPage):
    """Best matches first when something was searched for, else the newest; facets beside the results."""

    def get_ordering(self, request: Request, view: Any) -> tuple[str, Sequence[str]]:
        searched = bool(request.query_params.get("q", "").strip())
        asked = request.query_params.get("ordering")
        if searched and not asked:
            return "relevance", view.ordering_fields["relevance"]
        if asked == "relevance" and not searched:
            raise Invalid("Relevance needs something to search for: q.", field="ordering")
        return super().get_ordering(request, view)

    def get_paginated_response(self, data: Any, facets: Any = None) -> Response:
        response = super().get_paginated_response(data)
        if facets is not None:
            response.data["facets"] = facets
        return response
