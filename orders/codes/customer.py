"""Whose use of a code it is, without keeping their address."""

import hmac

from django.conf import settings

from accounts.emails import normalise


def spelled(email: str) -> str:
    """An address in the one spelling in which orders and accounts keep it."""
    try:
        return normalise(email)
    except ValueError:
        return email.strip().lower()


def customer_key(email: str) -> str:
    """A keyed digest (HMAC-SHA256, hexadecimal) of an e-mail address: the same for every spelling of it."""
    return hmac.digest(settings.DISCOUNT_CUSTOMER_KEY, spelled(email).encode(), "sha256").hex()
