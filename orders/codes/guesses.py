"""Guessing discount codes is slow: each that does not exist counts for who typed it.

Whoever has no guess left is refused whatever they type: a right code that still got through would tell itself apart.
"""

from collections.abc import Mapping

from rest_framework.request import Request

from accounts.limits import guessers
from api import limits
from api.network import client_network
from orders.codes.reading import normal_code
from orders.models import DiscountCode

GUESS = "discount_code_guess"
MOST = 20  # more codes than an order takes; the form refuses such a list


def count_unknown_codes(request: Request) -> None:
    """Count the codes of a request's body that do not exist, before its transaction.

    Raises `RateLimited`, also for codes that exist when no guess is left.
    """
    body = request.data
    given = body.get("discount_codes") if isinstance(body, Mapping) else None
    if not isinstance(given, list) or not given:
        return
    typed = {normal_code(text) for text in given[:MOST] if isinstance(text, str) and "\x00" not in text}
    unknown = typed - set(DiscountCode.objects.filter(code__in=typed).values_list("code", flat=True))
    for who in guessers(request, client_network(request)):
        limits.refuse_spent(GUESS, who)
        for _ in unknown:
            limits.spend(GUESS, who)
