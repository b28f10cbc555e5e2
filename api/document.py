"""The OpenAPI document over HTTP, and the page that shows it."""

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import ViewSet
from kernel.errors import Invalid

FORMATS = {"json": OpenApiJsonRenderer2, "yaml": OpenApiYamlRenderer2}


@cache
def document() -> Any:
    """Written once a process: it is the same for all who ask."""
    return SchemaGenerator().get_schema(request=None, public=True)


class DocumentViewSet(ViewSet):
    """JSON, or YAML by `Accept` or `?format=yaml`."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer, OpenApiYamlRenderer2)
    query_params = {"retrieve": {"format"}}

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        asked = request.query_params.get("format")
        if asked is None:
            return super().perform_content_negotiation(request, force)
        if asked in FORMATS:
            return FORMATS[asked](), FORMATS[asked].media_type
        if force:
            return FORMATS["json"](), FORMATS["json"].media_type
        raise Invalid("json or yaml.", field="format")

    @extend_schema(exclude=True)
    def retrieve(self, request: Request) -> Response:
        return Response(document())


class DocumentPage(SpectacularSwaggerView):
    """Swagger's page, from files of our own."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
