"""Guessing the codes of gift cards is slow: each try counts, right or wrong."""

from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from rest_framework.request import Request

from accounts.limits import guessers
from api import limits
from api.network import client_network

WINDOW = timedelta(hours=1)


def count_guess(request: Request) -> None:
    """Count a request whose body names a `code`, before its transaction. Raises `RateLimited`."""
    body = request.data
    if isinstance(body, Mapping) and body.get("code"):
        for who in guessers(request, client_network(request)):
            limits.count("gift_card_guess", who, limit=settings.GIFT_CARD_GUESSES_PER_HOUR, window=WINDOW)
