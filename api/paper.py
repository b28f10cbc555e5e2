"""Documents to print: HTML becomes a PDF. The one place that knows how they are drawn."""

import re
from importlib import import_module
from typing import Any

import barcode
from django.http import HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from rest_framework.renderers import BaseRenderer

from kernel.errors import Unavailable

WITHOUT_LIBRARIES = "Documents cannot be drawn here: the Pango libraries are not installed on this machine."
# Of the narrowest bar, in millimetres: two dots of a 203 dpi label printer. Ten of them stay white on both sides.
MODULE = 0.25
QUIET = 10
BARS = re.compile("1+")


def pdf(html: str) -> bytes:
    """A document with its styles as a PDF. Raises `Unavailable` where the libraries are missing."""
    return bytes(laid_out(html).write_pdf())


def laid_out(html: str) -> Any:
    """The document with its pages, before it is written."""
    try:
        # With the first document: it takes half a second and a system without these libraries serves all the rest.
        weasyprint = import_module("weasyprint")
    except OSError as error:  # the libraries of the system that draw text, see `bin/local/system_packages.py`
        raise Unavailable(WITHOUT_LIBRARIES, retry_after=3600) from error
    # Nothing is fetched for a document but what it carries within.
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=["data"], allow_redirects=False)
    return weasyprint.HTML(string=html, url_fetcher=fetcher).render()


def code128(text: str, *, height: float = 14) -> SafeString:
    """The text as bars of so many millimetres, an SVG to put into a template; nothing for nothing.

    Code 128 knows ASCII alone.
    """
    said = "".join(char for char in text if " " <= char <= "~")
    if not said:
        return SafeString("")
    (modules,) = barcode.get("code128", said).build()
    bars = format_html_join(
        "",
        '<rect x="{}" y="0" width="{}" height="1"/>',
        ((QUIET + bar.start(), len(bar.group())) for bar in BARS.finditer(modules)),
    )
    wide = len(modules) + 2 * QUIET
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{}mm" height="{}mm" viewBox="0 0 {} 1" '
        'preserveAspectRatio="none">{}</svg>',
        wide * MODULE, height, wide, bars,
    )  # fmt: skip


class PdfRenderer(BaseRenderer):
    """Only so that `Accept: application/pdf` is understood: papers are answered by `as_answer`."""

    media_type = "application/pdf"
    format = "pdf"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> Any:
        return data


def as_answer(content: bytes, name: str) -> HttpResponse:
    """A PDF that the browser shows, and saves under this name."""
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
