"""What must always hold of gift cards, as SQL that returns no row."""

from audit.doctor import Invariant

INVARIANTS = [
    Invariant(
        name="payments.gift_card_balance",
        when="always",
        says="A gift card's balance is the sum of its entries, and never below zero.",
        sql="""
            SELECT c.id, c.balance, sum(e.amount) AS entries
            FROM payments_giftcard c LEFT JOIN payments_giftcardentry e ON e.card_id = c.id
            GROUP BY c.id HAVING c.balance < 0 OR c.balance <> coalesce(sum(e.amount), 0)
        """,
    ),
    Invariant(
        name="payments.gift_card_debits",
        when="always",
        says="Nothing is taken from a gift card that is frozen or past its time; what is left then ends with it.",
        sql="""
            SELECT c.id, e.id AS entry, e.kind, e.amount, e.created_at, c.frozen_at, c.expires_at
            FROM payments_giftcardentry e JOIN payments_giftcard c ON c.id = e.card_id
            WHERE e.amount < 0 AND e.kind <> 'expired'
              AND (e.created_at >= c.frozen_at OR e.created_at >= c.expires_at)
            UNION ALL
            SELECT h.id, NULL, 'history', h.balance, h.history_date, h.frozen_at, h.expires_at
            FROM (SELECT *, lag(balance) OVER (PARTITION BY id ORDER BY history_id) AS before
                  FROM payments_historicalgiftcard) h
            WHERE h.balance < h.before AND h.frozen_at IS NOT NULL
        """,
    ),
    Invariant(
        name="payments.gift_card_signs",
        when="always",
        says="Cards are filled by what was issued or refunded, emptied by what was spent or expired; filled once.",
        sql="""
            SELECT card_id, kind, amount, 1 AS entries FROM payments_giftcardentry
            WHERE (kind IN ('issued', 'refunded') AND amount < 0) OR (kind IN ('spent', 'expired') AND amount > 0)
            UNION ALL
            SELECT card_id, kind, sum(amount), count(*) FROM payments_giftcardentry
            WHERE kind = 'issued' GROUP BY card_id, kind HAVING count(*) > 1
        """,
    ),
    Invariant(
        name="payments.gift_card_payments",
        when="always",
        says="Every payment by gift card took its amount from its card, and nothing else did.",
        sql="""
            SELECT p.id, p.captured, p.gift_card_id, e.card_id, e.amount
            FROM (SELECT * FROM payments_payment WHERE provider = 'gift_card') p
            FULL JOIN (SELECT * FROM payments_giftcardentry WHERE kind = 'spent') e ON e.payment_id = p.id
            WHERE p.id IS NULL OR e.id IS NULL OR e.card_id <> p.gift_card_id OR e.amount <> -p.captured
        """,
    ),
    Invariant(
        name="payments.gift_card_refunds",
        when="always",
        says="What went back for a payment by gift card went back onto its card, once.",
        sql="""
            SELECT r.id, r.amount AS refund, e.amount AS entry, p.gift_card_id, e.card_id
            FROM (SELECT r.* FROM payments_refund r WHERE provider = 'gift_card' AND status = 'succeeded') r
            JOIN payments_payment p ON p.id = r.payment_id
            FULL JOIN (SELECT * FROM payments_giftcardentry WHERE kind = 'refunded') e ON e.refund_id = r.id
            WHERE r.id IS NULL OR e.id IS NULL OR e.card_id <> p.gift_card_id OR e.amount <> r.amount
        """,
    ),
    Invariant(
        name="payments.gift_cards_bought",
        when="always",
        says="No more gift cards were made from an order line than units were bought, each worth a unit.",
        sql="""
            SELECT c.id, c.bought_with_id, c.unit, l.quantity, e.amount, l.unit_price
            FROM payments_giftcard c JOIN orders_orderline l ON l.id = c.bought_with_id
            JOIN orders_order o ON o.id = l.order_id
            LEFT JOIN payments_giftcardentry e ON e.card_id = c.id AND e.kind = 'issued'
            WHERE c.unit NOT BETWEEN 1 AND l.quantity OR e.amount IS DISTINCT FROM l.unit_price
               OR c.currency <> o.currency
        """,
    ),
]
