"""How amounts are stored."""

from typing import Any

from django.db import models


def amount_field(**kwargs: Any) -> models.DecimalField:
    """Major units of the row's currency; four decimals hold every ISO 4217 exponent in use."""
    return models.DecimalField(max_digits=18, decimal_places=4, **kwargs)
