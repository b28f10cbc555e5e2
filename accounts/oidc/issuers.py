"""The issuers that are configured, and what they are asked (OpenID Connect Discovery 1.0, RFC 7636)."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

import redis
import urllib3
from django.conf import settings
from django.core.cache import cache as shared

from accounts.errors import IdentityNotValid
from kernel.errors import NotFound, Unavailable

WELL_KNOWN = "/.well-known/openid-configuration"
TENANT = "{tenantid}"  # stands in Microsoft's issuer where a token names its tenant
MOST_BYTES, PIECE = 512 * 1024, 16 * 1024


@dataclass(frozen=True, slots=True)
class Issuer:
    """One that is configured; see `config.settings.sign_in`."""

    name: str
    title: str
    issuer: str
    client_id: str
    client_secret: str
    audiences: list[str]
    trusts_emails: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """A code that an issuer gave to an app, with what the app alone knows."""

    code: str
    code_verifier: str
    redirect_uri: str


def issuers() -> list[Issuer]:
    return [Issuer(name=name, **found) for name, found in settings.OIDC_ISSUERS.items()]


def title_of(name: str) -> str:
    """What people call an issuer, also one that is configured no longer."""
    return str(settings.OIDC_ISSUERS[name]["title"]) if name in settings.OIDC_ISSUERS else name.title()


def issuer_named(name: str) -> Issuer:
    """Raises `NotFound` for one that is not configured."""
    if name not in settings.OIDC_ISSUERS:
        raise NotFound("There is no such issuer.")
    return Issuer(name=name, **settings.OIDC_ISSUERS[name])


def redeem(issuer: Issuer, grant: Grant) -> str:
    """The id_token that the issuer gives for the code. Raises `IdentityNotValid`, `Unavailable`."""
    form = {
        "grant_type": "authorization_code",
        "code": grant.code,
        "code_verifier": grant.code_verifier,
        "redirect_uri": grant.redirect_uri,
        "client_id": issuer.client_id,
    }
    if issuer.client_secret:
        form["client_secret"] = issuer.client_secret
    id_token = _ask("POST", str(metadata(issuer).get("token_endpoint", "")), form).get("id_token")
    if not isinstance(id_token, str):
        raise IdentityNotValid()
    return id_token


def metadata(issuer: Issuer) -> Mapping[str, Any]:
    """Where the issuer is asked what. Raises `Unavailable`, also for a document of somebody else."""
    found = _kept(issuer.issuer + WELL_KNOWN)
    said = str(found.get("issuer", ""))
    if TENANT not in said and said.rstrip("/") != issuer.issuer:
        raise Unavailable(f"{issuer.title} is not set up properly.")
    return found


def keys(issuer: Issuer, *, fresh: bool = False) -> list[dict[str, Any]]:
    """The issuer's public keys (RFC 7517); `fresh` asks for them even when they are known."""
    found = _kept(str(metadata(issuer).get("jwks_uri", "")), fresh=fresh).get("keys")
    return [key for key in found if isinstance(key, dict)] if isinstance(found, list) else []


def _kept(address: str, *, fresh: bool = False) -> Mapping[str, Any]:
    """What stands at the address, asked once in a while; each time while the cache is away."""
    key = f"oidc:{address}"
    try:
        known: Mapping[str, Any] | None = None if fresh else shared.get(key)
    except redis.RedisError:
        return _ask("GET", address)
    if known is None:
        known = _ask("GET", address)
        shared.set(key, known, settings.OIDC_CACHE_SECONDS)
    return known


def _ask(method: str, address: str, form: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    """The object that is answered. A refusal is `IdentityNotValid`; anything else unexpected `Unavailable`."""
    ends = time.monotonic() + settings.OIDC_SECONDS
    try:
        answer = _pool().request(
            method,
            address,
            body=urlencode(form) if form else None,
            headers={"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"},
            redirect=False,
            preload_content=False,
        )
        try:
            text = _body(answer, ends)
        finally:
            answer.close()
        found = json.loads(text) if answer.status == 200 else None
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as failure:
        raise Unavailable("The issuer does not answer. Try again shortly.") from failure
    if method == "POST" and 400 <= answer.status < 500:
        raise IdentityNotValid()
    if not isinstance(found, dict):
        raise Unavailable("The issuer does not answer. Try again shortly.")
    return found


def _body(answer: urllib3.BaseHTTPResponse, ends: float) -> bytes:
    text = b""
    while piece := answer.read1(PIECE):
        text += piece
        if len(text) > MOST_BYTES or time.monotonic() > ends:
            raise TimeoutError("More than an issuer has to say.")
    return text


@cache
def _pool() -> urllib3.PoolManager:
    """One for the process. Nothing is sent elsewhere: no redirect is followed, nothing is tried twice."""
    seconds = settings.OIDC_SECONDS
    return urllib3.PoolManager(
        maxsize=4, retries=False, timeout=urllib3.Timeout(connect=seconds, read=seconds, total=seconds)
    )
