"""Codes by the thousand that nobody guesses."""

import re
import secrets
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.utils import timezone

from catalog.discounts.checks import invalid
from kernel.errors import Invalid
from orders.codes.checks import Problems, limit_problems

# Without letters and digits that people take for each other: 28 of them. Eight give 4 × 10^11 codes: of ten thousand
# one is met by one guess in forty million.
ALPHABET = "23456789ABCDEFGHJKMNPQRTVWXY"
SHORTEST, USUAL, LONGEST = 8, 10, 30
LONGEST_PREFIX = 20
PREFIX = re.compile(r"([A-Z0-9][A-Z0-9_-]{0,19})?")
MOST_AT_ONCE = 10_000
AT_A_TIME = 1000
SPARE_ATTEMPTS = 20
INSERT = """
    INSERT INTO orders_discountcode (campaign_id, code, active, "limit", uses, created_at)
    SELECT %(campaign)s, code, true, %(limit)s, 0, %(now)s FROM unnest(%(codes)s::varchar[]) code
    ON CONFLICT (code) DO NOTHING RETURNING code
"""


def batch_problems(count: int, prefix: str, length: int, limit: int | None) -> Problems:
    if not 1 <= count <= MOST_AT_ONCE:
        yield invalid("count", f"1 to {MOST_AT_ONCE:,} codes at once.")
    if not PREFIX.fullmatch(prefix):
        yield invalid("prefix", f"At most {LONGEST_PREFIX} letters A to Z, digits, hyphens and underscores.")
    if not SHORTEST <= length <= LONGEST:
        yield invalid("length", f"{SHORTEST} to {LONGEST} random characters: shorter ones could be guessed.")
    yield from limit_problems(limit)


def random_letters(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def insert_drawn(campaign_id: int, *, count: int, limit: int | None, draw: Callable[[], str]) -> list[str]:
    """Add so many codes of which none was there; for one that is taken, another is drawn."""
    made: list[str] = []
    for _ in range(-(-count // AT_A_TIME) + SPARE_ATTEMPTS):
        missing = min(AT_A_TIME, count - len(made))
        if not missing:
            return sorted(made)
        made += _inserted(campaign_id, sorted({draw() for _ in range(missing)}), limit)
    raise Invalid("There are not that many codes left of this prefix and length.", field="length")


def _inserted(campaign_id: int, codes: list[str], limit: int | None) -> list[str]:
    given: dict[str, Any] = {"campaign": campaign_id, "codes": codes, "limit": limit, "now": timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(INSERT, given)
        return [code for (code,) in cursor.fetchall()]
