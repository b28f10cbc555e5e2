"""Guessing codes is slow: each try counts, right or wrong, for the caller and for the address it comes from."""

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from rest_framework.request import Request

from accounts.authentication import PartnerCaller
from accounts.models import User
from accounts.roles import STAFF
from api import limits

WINDOW = timedelta(hours=1)


def count_guess(request: Request) -> None:
    """Count a request whose body names a `code`. Raises `RateLimited`.

    To be called in `initial`, before the request's transaction. Staff and partners, who ask for many people from one
    address, are counted by who they are alone; a guest by where they are alone, since a token is had for the asking.
    """
    body = request.data
    if not (isinstance(body, Mapping) and body.get("code")):
        return
    user = request.user
    if isinstance(user, User | PartnerCaller):
        _count(str(user.as_actor()))
    if not (isinstance(user, PartnerCaller) or (isinstance(user, User) and user.role in STAFF)):
        _count(_network(request.META.get("REMOTE_ADDR", "")))


def _count(who: str) -> None:
    limits.count("gift_card_guess", who, limit=settings.GIFT_CARD_GUESSES_PER_HOUR, window=WINDOW)


def _network(address: str) -> str:
    """The address as the connection has it, never as a header says; of IPv6 the /64 that one customer is given."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)
