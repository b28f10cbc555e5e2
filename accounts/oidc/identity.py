"""What an issuer's id_token says about somebody, checked (OpenID Connect Core 1.0, section 3.1.3.7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt
import structlog

from accounts.errors import IdentityNotValid
from accounts.oidc.issuers import TENANT, Issuer, keys, metadata
from api.limits import RateLimited, count

# Signed by a key pair: an HMAC's key would be our client secret, and `none` is no signature.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY_SECONDS = 30
ASK_AGAIN_AFTER = timedelta(minutes=1)
logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at an issuer. `subject` never changes; an e-mail may, and is proven only if it says so."""

    issuer: str
    subject: str
    email: str = ""
    email_verified: bool = False
    first_name: str = ""
    last_name: str = ""


def read(issuer: Issuer, id_token: str, *, nonce: str = "") -> Identity:
    """What the token says, if it is the issuer's, for us, in time, and of this sign-in.

    A token that has a nonce is taken only together with it, and a nonce only with a token that has it. Raises
    `IdentityNotValid`, `Unavailable`.
    """
    try:
        claims = jwt.decode(
            id_token,
            _key(issuer, id_token),
            algorithms=ALGORITHMS,
            audience=issuer.audiences,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        logger.info("identity_refused", issuer=issuer.name, reason=type(error).__name__)
        raise IdentityNotValid() from error
    _check_claims(issuer, claims, nonce)
    return identity_of_claims(issuer, claims)


def _check_claims(issuer: Issuer, claims: Mapping[str, Any], nonce: str) -> None:
    audience = claims["aud"]
    said_by = str(metadata(issuer)["issuer"]).replace(TENANT, str(claims.get("tid", "")))
    several = isinstance(audience, list) and len(audience) > 1
    wrong = {
        "issuer": claims["iss"] != said_by,
        "nonce": (claims.get("nonce") or "") != nonce,
        "party": (several or "azp" in claims) and claims.get("azp") not in issuer.audiences,
        "subject": not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 191,
    }
    if any(wrong.values()):
        logger.info("identity_refused", issuer=issuer.name, reason=[name for name, bad in wrong.items() if bad])
        raise IdentityNotValid()


def identity_of_claims(issuer: Issuer, claims: Mapping[str, Any]) -> Identity:
    """Who checked claims speak of."""
    verified = claims.get("email_verified") in {True, "true"} or issuer.trusts_emails
    first_name, last_name = _line(claims.get("given_name")), _line(claims.get("family_name"))
    if not (first_name or last_name):
        first_name, _, last_name = _line(claims.get("name")).partition(" ")
    return Identity(
        issuer=issuer.name,
        subject=claims["sub"],
        email=str(claims.get("email") or ""),
        email_verified=verified,
        first_name=first_name[:100],
        last_name=last_name[:100],
    )


def _line(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _key(issuer: Issuer, id_token: str) -> Any:
    """The issuer's key of the token. One we do not know may be new: then the issuer is asked, once a minute."""
    header = jwt.get_unverified_header(id_token)
    if header.get("alg") not in ALGORITHMS:
        raise jwt.InvalidAlgorithmError()
    found = _find(keys(issuer), header)
    if found is None and _may_ask_again(issuer):
        found = _find(keys(issuer, fresh=True), header)
    if found is None:
        raise jwt.InvalidKeyError()
    return jwt.PyJWK(found, algorithm=header["alg"]).key


def _find(known: list[dict[str, Any]], header: Mapping[str, Any]) -> dict[str, Any] | None:
    usable = [key for key in known if key.get("use", "sig") == "sig" and key.get("kty") != "oct"]
    if "kid" not in header:
        return usable[0] if len(usable) == 1 else None
    return next((key for key in usable if key.get("kid") == header["kid"]), None)


def _may_ask_again(issuer: Issuer) -> bool:
    try:
        count("issuer_keys", issuer.name, limit=1, window=ASK_AGAIN_AFTER)
    except RateLimited:
        return False
    return True
