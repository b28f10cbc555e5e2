"""The OpenAPI document and its page."""

from django.urls import path
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

# JSON unless YAML is asked for, by `Accept` or `?format=yaml`.
RENDERERS = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer, OpenApiYamlRenderer2]

urlpatterns = [
    path("schema", SpectacularAPIView.as_view(renderer_classes=RENDERERS, authentication_classes=[]), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="schema", authentication_classes=[]), name="docs"),
]
