"""What tokens look like: signed access and refresh tokens for people, random ones for partners."""

import hashlib
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import Token
from rest_framework_simplejwt.utils import datetime_from_epoch

if TYPE_CHECKING:
    from accounts.models import User

SUBJECT, SESSION, IDENTITY = "sub", "fam", "jti"
PARTNER_MARK = "wbp_"  # lets secret scanners and people recognise a leaked token
PREFIX_LENGTH = 12


class Access(Token):
    """A person's short-lived token: `sub`, `role`, `scopes`, `fam` (the session), beside RFC 7519's own."""

    token_type = "access"  # noqa: S105
    lifetime = api_settings.ACCESS_TOKEN_LIFETIME


class Refresh(Token):
    """Good for one new pair: `sub`, `fam`."""

    token_type = "refresh"  # noqa: S105
    lifetime = api_settings.REFRESH_TOKEN_LIFETIME

    @property
    def digest(self) -> str:
        return digest(self[IDENTITY])

    @property
    def expires_at(self) -> datetime:
        return datetime_from_epoch(self["exp"])


def access_for(user: "User", family_id: int) -> Access:
    """An access token of the person's session."""
    token = Access()
    token[SUBJECT] = str(user.pk)
    token["role"] = user.role
    token["scopes"] = list(user.scopes)
    token[SESSION] = family_id
    return token


def refresh_for(user: "User", family_id: int) -> Refresh:
    """A refresh token of the person's session, not yet on record."""
    token = Refresh()
    token[SUBJECT] = str(user.pk)
    token[SESSION] = family_id
    return token


def digest(secret: str) -> str:
    """SHA-256 in hexadecimal. Enough for values of 122 bits and more of chance; never for a password."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_partner_token() -> str:
    """256 bits of chance behind a mark."""
    return PARTNER_MARK + secrets.token_urlsafe(32)
