"""What browsers may do with our answers: the policies of content, and who may ask from another site."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from corsheaders.defaults import default_headers
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.env import env
from config.settings.files import _files
from config.settings.security import ADMIN_PATH

# Sites whose scripts may call the API with a token. Never with cookies: the API has none.
CORS_ALLOWED_ORIGINS = env.list("WAYBILL_CORS_ORIGINS", default=[])
CORS_ALLOW_CREDENTIALS = False
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = (
    *default_headers,
    *("idempotency-key", "if-match", "if-none-match", "x-cart-token", "x-order-token", "x-request-id"),
)
CORS_EXPOSE_HEADERS = (
    *("ETag", "Location", "Retry-After", "X-Request-ID", "Idempotent-Replayed", "Dry-Run"),
    *("RateLimit", "RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
)
CORS_PREFLIGHT_MAX_AGE = 3600


def _picture_origins() -> list[str]:
    """Where the addresses of stored pictures lead, beside this site."""
    if _files.scheme == "s3":
        endpoint = urlsplit(env.str("WAYBILL_S3_ENDPOINT", default=f"https://{_files.netloc}.s3.amazonaws.com"))
        return [f"{endpoint.scheme}://{endpoint.netloc}"]
    return ["https://*.blob.core.windows.net"] if _files.scheme == "azure" else []


PICTURE_ORIGINS = env.list("WAYBILL_PICTURE_ORIGINS", default=_picture_origins())

_NOT_IN_FRAMES = {"frame-ancestors": ["'none'"]}
_DATA: Mapping[str, list[str]] = {"default-src": ["'none'"], **_NOT_IN_FRAMES}
_PAGE: Mapping[str, list[str]] = {
    "default-src": ["'self'"],
    # Scripts are files of ours, and no page has one within. Styles are not so tidy: Alpine and Swagger write
    # attributes and elements, and so do templates of the back office.
    "script-src": ["'self'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", *PICTURE_ORIGINS],
    "object-src": ["'none'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
    **_NOT_IN_FRAMES,
}
_OFFICE: Mapping[str, list[str]] = {
    **_PAGE,
    "script-src": [
        "'self'",
        # Alpine compiles the expressions in the back office's templates, and htmx its filters.
        "'unsafe-eval'",
        # The script within django-celery-beat's form of a task (2.9.0), which only explains a crontab.
        "'sha256-QE3U2xYF7B4J2ro1/9oxiKhaWCGW39gB7ocQ/xlD0bE='",
    ],
}
_CLOSED = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone"),
    *("midi", "payment", "usb"),
)
# Security keys are a second factor of the back office.
PERMISSIONS_POLICY = ", ".join(
    [f"{name}=()" for name in _CLOSED] + [f"publickey-credentials-{verb}=(self)" for verb in ("create", "get")]
)
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


class BrowserHeaders:
    """Middleware: each answer says what a browser may do with it. A view that has said so itself is left alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # Chromium holds `form-action` against redirects too, and a sign-in elsewhere begins with a form here.
        issuers = [urlsplit(issuer["issuer"]) for issuer in getattr(settings, "OIDC_ISSUERS", {}).values()]
        origins = sorted({f"{issuer.scheme}://{issuer.netloc}" for issuer in issuers})
        self.office = {**_OFFICE, "form-action": ["'self'", *origins]}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", written(self.policy(request, response)))
        headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        # The shop's pages, and e-mails, show pictures from here.
        sharing = "cross-origin" if request.path_info.startswith(settings.MEDIA_URL) else "same-origin"
        headers.setdefault("Cross-Origin-Resource-Policy", sharing)
        return response

    def policy(self, request: HttpRequest, response: HttpResponseBase) -> Mapping[str, list[str]]:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if kind == "application/pdf":
            return _NOT_IN_FRAMES  # the browser's own viewer is a page with scripts and styles
        if kind != "text/html":
            return _DATA
        if request.path_info.startswith(f"/{ADMIN_PATH}"):
            return self.office
        if getattr(request.resolver_match, "url_name", None) == "docs":
            return {**_PAGE, "script-src": ["'self'", *inline_scripts(response)]}
        return _PAGE


def written(policy: Mapping[str, list[str]]) -> str:
    return "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in policy.items())


def inline_scripts(response: HttpResponseBase) -> list[str]:
    """The scripts within a page by their digests. Only for one that shows nothing anybody typed: Swagger's."""
    found = _INLINE_SCRIPT.findall(getattr(response, "content", b""))
    return [f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in found]
