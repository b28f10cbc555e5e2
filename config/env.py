"""The environment, read once: every setting that differs between machines comes from here."""

from collections.abc import Iterable
from datetime import date

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

ENVIRONMENT: str = env.str("WAYBILL_ENV", default="production")
if ENVIRONMENT not in {"development", "test", "production"}:
    raise ImproperlyConfigured("WAYBILL_ENV is development, test or production.")
PRODUCTION = ENVIRONMENT == "production"
TESTING = ENVIRONMENT == "test"


def secret(name: str) -> str:
    """A secret of at least 32 characters. Production has no default; elsewhere an obviously unsafe one."""
    value: str = env.str(name, default="" if PRODUCTION else f"unsafe-{name.lower()}-for-development-only")
    if len(value) < 32:
        raise ImproperlyConfigured(f"{name} must be set to a random value of at least 32 characters.")
    return value


def days(name: str, texts: Iterable[str]) -> frozenset[date]:
    """The days of a variable's list, each written as 2026-12-25."""
    try:
        return frozenset(date.fromisoformat(text.strip()) for text in texts if text.strip())
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: days such as 2026-12-25, with commas between them ({error}).") from None
