"""What the shop owes on gift cards: the sums of their ledger up to a moment.

outstanding = issued + adjusted + refunded − spent − expired. `frozen` is the part of it on cards that were frozen
then, `past` the part on cards whose time was over and that the nightly run had not brought to zero yet.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from kernel.money import format_amount

COLUMNS = (
    "currency", "cards", "issued", "adjusted", "refunded", "spent", "expired", "outstanding", "frozen", "past"
)  # fmt: skip
LIABILITY = """
    WITH card AS (
        SELECT e.card_id, sum(e.amount) AS balance,
               sum(e.amount) FILTER (WHERE e.kind = 'issued') AS issued,
               sum(e.amount) FILTER (WHERE e.kind = 'adjusted') AS adjusted,
               sum(e.amount) FILTER (WHERE e.kind = 'refunded') AS refunded,
               -sum(e.amount) FILTER (WHERE e.kind = 'spent') AS spent,
               -sum(e.amount) FILTER (WHERE e.kind = 'expired') AS expired
        FROM payments_giftcardentry e WHERE e.created_at <= %(at)s GROUP BY e.card_id)
    SELECT c.currency, count(*) FILTER (WHERE card.balance > 0) AS cards,
           coalesce(sum(issued), 0), coalesce(sum(adjusted), 0), coalesce(sum(refunded), 0),
           coalesce(sum(spent), 0), coalesce(sum(expired), 0), sum(card.balance) AS outstanding,
           coalesce(sum(card.balance) FILTER (WHERE h.frozen_at IS NOT NULL), 0) AS frozen,
           coalesce(sum(card.balance) FILTER (WHERE h.frozen_at IS NULL AND h.expires_at <= %(at)s), 0) AS past
    FROM card JOIN payments_giftcard c ON c.id = card.card_id
    LEFT JOIN LATERAL (
        SELECT frozen_at, expires_at FROM payments_historicalgiftcard
        WHERE id = c.id AND history_date <= %(at)s ORDER BY history_id DESC LIMIT 1) h ON true
    WHERE %(currency)s = '' OR c.currency = %(currency)s
    GROUP BY c.currency ORDER BY c.currency
"""


def gift_card_liability(at: datetime, currency: str = "") -> list[dict[str, Any]]:
    """One row a currency, of cards with entries up to then; amounts as exact strings."""
    with connection.cursor() as cursor:
        cursor.execute(LIABILITY, {"at": at, "currency": currency})
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    return [
        row | {name: format_amount(row[name], row["currency"]) for name in COLUMNS if name not in {"currency", "cards"}}
        for row in rows
    ]
