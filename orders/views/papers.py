"""PDFs as answers."""

from typing import Any

from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer

from orders.paper.render import PDF


class PdfRenderer(BaseRenderer):
    """Only so that `Accept: application/pdf` is understood: papers are written by `as_pdf`."""

    media_type = PDF
    format = "pdf"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> Any:
        return data


def as_pdf(content: bytes, name: str) -> HttpResponse:
    """Shown by the browser under this name, and kept by nobody on the way."""
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=PDF, headers=headers)
