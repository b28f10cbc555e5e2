"""Where others tell what happened: no caller, but a signature over the raw body."""

import hashlib
import hmac
from collections.abc import Iterable

from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from api.json import TooLarge
from api.views import ViewSet
from kernel.errors import Invalid

# Many times the largest event of anybody.
MAX_BYTES = 1024 * 1024


class InvalidSignature(Invalid):
    code = "invalid_signature"
    title = "Invalid signature"
    detail = "Nobody who may tell us this has signed it, or too long ago."


class SignedViewSet(ViewSet):
    """No caller: the signature over the raw body says who speaks."""

    serializer_class = None
    authentication_classes = ()
    permission_classes = (AllowAny,)

    def raw_body(self) -> bytes:
        body: bytes = self.request._request.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise TooLarge()
        return body

    def idempotency_key(self) -> str | None:
        """None: an event's own id makes it happen once, and no signature is checked within a transaction."""
        return None

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """Whatever a provider would like to read, there is nothing in the answer."""
        negotiated: tuple[BaseRenderer, str] = super().perform_content_negotiation(request, force=True)
        return negotiated


def is_signed(body: bytes, signature: str, secrets: Iterable[str]) -> bool:
    """Whether `signature` is the HMAC-SHA256 of the body, in hexadecimal, by one of the secrets."""
    given = signature.strip().lower().removeprefix("sha256=").encode(errors="replace")
    expected = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode() for secret in secrets]
    # Each is compared, so that the time taken tells nothing about which.
    return sum(hmac.compare_digest(given, digest) for digest in expected) > 0
