"""What production refuses to start with. Every sentence says what to do."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured

from config.env import PRODUCTION

SHORTEST_SECRET = 32
# Fewer different characters than any random text of that length has, hexadecimal too.
FEWEST_CHARACTERS = 8
LONGEST_ACCESS = timedelta(minutes=15)
LONGEST_REFRESH = timedelta(days=365)
FAST_HASHERS = ("MD5PasswordHasher", "SHA1PasswordHasher", "UnsaltedMD5PasswordHasher", "UnsaltedSHA1PasswordHasher")
MANY_HOPS = 10


def check_production(**kwargs: Any) -> list[Error]:
    """Everything unsafe about these settings; nothing outside of production."""
    if not PRODUCTION:
        return []
    rules = (debugging, secrets, hosts, cookies, origins, addresses, tokens, hops, hashers)
    return [error for rule in rules for error in rule()]


def refuse_unsafe_production() -> None:
    """Raises `ImproperlyConfigured` with all that is unsafe: servers and workers do not look at checks."""
    if found := check_production():
        raise ImproperlyConfigured("Unsafe in production:\n" + "\n".join(f"{one.id}: {one.msg}" for one in found))


def debugging() -> Iterator[Error]:
    if settings.DEBUG:
        yield Error("DEBUG is on: set it to False, since its pages show settings and data.", id="waybill.E001")


def secrets() -> Iterator[Error]:
    signing = str(settings.SIMPLE_JWT["SIGNING_KEY"])
    for name, value in {"WAYBILL_SECRET_KEY": settings.SECRET_KEY, "WAYBILL_JWT_KEY": signing}.items():
        if len(value) < SHORTEST_SECRET or len(set(value)) < FEWEST_CHARACTERS or value.startswith("unsafe-"):
            yield Error(f"{name} can be guessed: set it to the output of `openssl rand -hex 48`.", id="waybill.E002")
    if signing == settings.SECRET_KEY:
        yield Error(
            "WAYBILL_JWT_KEY equals WAYBILL_SECRET_KEY: draw one of its own, so that each can be rotated.",
            id="waybill.E003",
        )


def hosts() -> Iterator[Error]:
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield Error("WAYBILL_ALLOWED_HOSTS must list the host names that are served, without *.", id="waybill.E004")


def cookies() -> Iterator[Error]:
    for kind in ("SESSION", "CSRF"):
        name = f"{kind}_COOKIE"
        secure = getattr(settings, f"{name}_SECURE") and getattr(settings, f"{name}_HTTPONLY")
        # Not "None": then any site could send our cookies along.
        if not secure or getattr(settings, f"{name}_SAMESITE") not in {"Lax", "Strict"}:
            yield Error(
                f"{name}_SECURE and {name}_HTTPONLY must be True, {name}_SAMESITE Lax or Strict.", id="waybill.E005"
            )


def origins() -> Iterator[Error]:
    named = settings.CORS_ALLOWED_ORIGINS
    open_to_all = settings.CORS_ALLOW_CREDENTIALS or getattr(settings, "CORS_ALLOW_ALL_ORIGINS", False)
    if open_to_all or any(urlsplit(origin).scheme != "https" or "*" in origin for origin in named):
        yield Error(
            "WAYBILL_CORS_ORIGINS must name each site as https://app.example.com, without *, and credentials stay off.",
            id="waybill.E006",
        )


def addresses() -> Iterator[Error]:
    address = urlsplit(settings.SHOP_PUBLIC_URL)
    if address.scheme != "https" or not address.hostname:
        yield Error(
            "WAYBILL_PUBLIC_URL must be the https address that customers see: links in e-mail carry tokens.",
            id="waybill.E007",
        )


def tokens() -> Iterator[Error]:
    """That a refresh is spent by its use cannot be switched off; see accounts.services.sessions."""
    lifetimes = cast(dict[str, timedelta], settings.SIMPLE_JWT)
    access, refresh = lifetimes["ACCESS_TOKEN_LIFETIME"], lifetimes["REFRESH_TOKEN_LIFETIME"]
    if not timedelta() < access <= LONGEST_ACCESS:
        yield Error("WAYBILL_ACCESS_SECONDS must lie between 1 and 900.", id="waybill.E008")
    if not access < refresh <= LONGEST_REFRESH:
        yield Error("WAYBILL_REFRESH_DAYS must lie between 1 and 365.", id="waybill.E009")


def hops() -> Iterator[Error]:
    if not 0 <= settings.PROXY_HOPS <= MANY_HOPS:
        yield Error(f"WAYBILL_PROXY_HOPS must be the number of proxies in front, 0 to {MANY_HOPS}.", id="waybill.E010")


def hashers() -> Iterator[Error]:
    fast = [path for path in settings.PASSWORD_HASHERS if path.rpartition(".")[2] in FAST_HASHERS]
    if fast:
        yield Error(
            f"PASSWORD_HASHERS names {', '.join(fast)}: leave Django's own list, such digests are guessed by the "
            "billion.",
            id="waybill.E011",
        )
