"""Tokens for guests: derived from what they open, so that none is stored and a mail can carry one again."""

import base64
import hashlib
import hmac

from django.conf import settings


def derive_token(kind: str, identity: object) -> str:
    """An unguessable token (256 bits) that opens one thing, e.g. `derive_token("order", "W1000001")`."""
    digest = hmac.new(settings.TOKEN_KEY, f"{kind}:{identity}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def token_opens(token: str, kind: str, identity: object) -> bool:
    """Whether the token is the one for it, in constant time."""
    return hmac.compare_digest(token.encode(), derive_token(kind, identity).encode())
