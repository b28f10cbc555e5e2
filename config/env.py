"""The environment, read once: every setting that differs between machines comes from here."""

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
