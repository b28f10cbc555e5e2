"""What tokens look like: signed access and refresh tokens for people, random ones for partners."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.crypto import salted_hmac
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import Token
from rest_framework_simplejwt.utils import datetime_from_epoch

if TYPE_CHECKING:
    from accounts.models import User

SUBJECT, SESSION, IDENTITY, STAMP = "sub", "fam", "jti", "pwd"
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


class Challenge(Token):
    """Says that a password, or an issuer, has vouched for `sub`, and a second factor has not yet: `pwd`, `dev`."""

    token_type = "mfa"  # noqa: S105
    lifetime = timedelta(seconds=settings.CHALLENGE_SECONDS)


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


def challenge_for(user: "User") -> Challenge:
    """A challenge that ends with the person's present password."""
    token = Challenge()
    token[SUBJECT] = str(user.pk)
    token[STAMP] = password_stamp(user)
    return token


def password_stamp(user: "User") -> str:
    return salted_hmac("accounts.challenge", user.password).hexdigest()[:20]


def digest(secret: str) -> str:
    """SHA-256 in hexadecimal. Enough for values of 122 bits and more of chance; never for a password."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_partner_token() -> str:
    """256 bits of chance behind a mark."""
    return PARTNER_MARK + secrets.token_urlsafe(32)
