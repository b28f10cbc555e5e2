"""From a template to a PDF. The only module that knows WeasyPrint, which is loaded with the first document.

WeasyPrint draws with Pango. Where that library is missing the shop runs all the same, and only papers are refused.
"""

import logging
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.template.loader import render_to_string

from kernel.errors import Unavailable

logger = logging.getLogger(__name__)

PDF = "application/pdf"
ASSETS = Path(__file__).parent / "assets"
ASSET = "asset:"  # `asset:paper.css` in a template is the file of that name in `assets/`
# What is missing here is not there in two seconds.
RETRY_AFTER = 300


class PaperUnavailable(Unavailable):
    code = "paper_unavailable"
    detail = "Papers cannot be made here at the moment: the drawing library (Pango) is missing."


def render_pdf(template: str, context: dict[str, Any]) -> bytes:
    """The PDF of an HTML template. Raises `PaperUnavailable` where Pango is missing.

    The document may show bundled assets and `data:` addresses; anything else it names is left out, so that nothing
    which a customer wrote makes the server fetch an address.
    """
    weasyprint, fetcher = _engine()
    html = render_to_string(template, context)
    pdf: bytes = weasyprint.HTML(string=html, url_fetcher=fetcher(), base_url=ASSET).write_pdf()
    return pdf


@cache
def _engine() -> tuple[Any, Any]:
    """WeasyPrint and our fetcher. A failure is not remembered: the library may be installed meanwhile."""
    try:
        weasyprint = import_module("weasyprint")
        urls = import_module("weasyprint.urls")
    except (ImportError, OSError) as error:
        logger.warning("WeasyPrint cannot be loaded: %s", error)
        raise PaperUnavailable(retry_after=RETRY_AFTER) from error

    class BundledOnly(urls.URLFetcher):  # type: ignore[name-defined]
        """Assets by name, `data:` by what it is; never a file elsewhere, never the network."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols={"data"}, allow_redirects=False)

        def fetch(self, url: str, headers: Any = None) -> Any:
            if not url.startswith(ASSET):
                return super().fetch(url, headers)
            path = (ASSETS / unquote(url.removeprefix(ASSET)).lstrip("/")).resolve()
            if not path.is_relative_to(ASSETS):
                raise ValueError(f"{url} is not an asset.")
            return urls.URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _type_of(path)})

    return weasyprint, BundledOnly


def _type_of(path: Path) -> str:
    return {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}.get(
        path.suffix, "application/octet-stream"
    )
