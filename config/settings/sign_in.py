"""Signing in: other issuers of identities, the second factor, and the pages of both in the back office."""

import base64
import hashlib
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from accounts.roles import PERMISSIONS, STAFF
from config.env import PRODUCTION, env, secret
from config.settings.security import ADMIN_PATH
from config.settings.shop import SHOP_NAME

# Issuers of OpenID Connect beside the two that have a known address.
_KNOWN = {
    "google": ("Google", "https://accounts.google.com"),
    "microsoft": ("Microsoft", "https://login.microsoftonline.com/common/v2.0"),
}


def _issuer(name: str) -> dict[str, Any] | None:
    """What the environment says about an issuer; None where it has no client there."""
    prefix = f"OIDC_{name.upper()}"
    title, address = _KNOWN.get(name, (name.title(), ""))
    client_id = env.str(f"{prefix}_CLIENT_ID", default="")
    if not client_id:
        return None
    found = {
        "title": env.str(f"{prefix}_TITLE", default=title),
        "issuer": env.str(f"{prefix}_ISSUER", default=address).rstrip("/"),
        "client_id": client_id,
        "client_secret": env.str(f"{prefix}_CLIENT_SECRET", default=""),
        # Apps have client ids of their own, for which the issuer makes out their id_tokens.
        "audiences": [client_id, *env.list(f"{prefix}_AUDIENCES", default=[])],
        # Whether the issuer vouches for every e-mail, also without saying `email_verified`.
        "trusts_emails": env.bool(f"{prefix}_TRUST_EMAILS", default=False),
    }
    if not str(found["issuer"]).startswith("https://" if PRODUCTION else "http"):
        raise ImproperlyConfigured(f"{prefix}_ISSUER must be an https address.")
    return found


_NAMES = ("google", "microsoft", *env.list("OIDC_ISSUERS", default=[]))
OIDC_ISSUERS: dict[str, dict[str, Any]] = {name: found for name in _NAMES if (found := _issuer(name))}
OIDC_SECONDS = env.float("OIDC_SECONDS", default=5.0)
# How long an issuer's addresses and keys are kept; an unknown key asks again, once in a minute.
OIDC_CACHE_SECONDS = env.int("OIDC_CACHE_SECONDS", default=3600)

# Roles that open nothing without a second factor.
SECOND_FACTOR_ROLES = frozenset(env.list("WAYBILL_SECOND_FACTOR_ROLES", default=sorted(STAFF) if PRODUCTION else []))
if unknown := SECOND_FACTOR_ROLES - set(PERMISSIONS):
    raise ImproperlyConfigured(f"WAYBILL_SECOND_FACTOR_ROLES: there is no role {', '.join(sorted(unknown))}.")
# What people's second factors are encrypted with: a variable of its own that outlives a rotation of the secret it is
# derived from by default.
SECOND_FACTOR_KEY = base64.urlsafe_b64encode(
    hashlib.sha256(
        b"second factors:" + (env.str("WAYBILL_SECOND_FACTOR_KEY", default="") or secret("WAYBILL_SECRET_KEY")).encode()
    ).digest()
)
CHALLENGE_SECONDS = env.int("WAYBILL_CHALLENGE_SECONDS", default=300)

# django-allauth, for the browser: its pages stand below the back office.
SIGN_IN_PATH = f"{ADMIN_PATH}account/"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_ADAPTER = "accounts.office.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # proven mailboxes are noted on the person, see accounts.services.verification
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_RATE_LIMITS = False  # counted in PostgreSQL instead, see accounts.limits
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "admin:login"
SOCIALACCOUNT_ADAPTER = "accounts.office.adapters.IdentityAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "oidc"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": name,
                "name": issuer["title"],
                "client_id": issuer["client_id"],
                "secret": issuer["client_secret"],
                "settings": {"server_url": issuer["issuer"], "fetch_userinfo": False},
            }
            for name, issuer in OIDC_ISSUERS.items()
        ],
    }
}
MFA_ADAPTER = "accounts.office.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.office.forms.CodeForm",
    "reauthenticate": "accounts.office.forms.CodeAgainForm",
    "activate_totp": "accounts.office.forms.FirstCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = SHOP_NAME
MFA_TOTP_TOLERANCE = 1  # a code of the last half minute, for clocks and thumbs (RFC 6238, 5.2)
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Browsers know security keys over TLS only, and on localhost.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
