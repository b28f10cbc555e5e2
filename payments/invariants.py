"""What must always hold of money, as SQL that returns no row."""

from audit.doctor import Invariant
from kernel.money import CURRENCIES, exponent
from payments import invariants_gift_cards, invariants_inbox

# Decimals of every currency that does not have two (ISO 4217).
_EXPONENTS = " ".join(f"WHEN '{code}' THEN {exponent(code)}" for code in sorted(CURRENCIES) if exponent(code) != 2)
DECIMALS = f"CASE p.currency {_EXPONENTS} ELSE 2 END"

INVARIANTS = [
    Invariant(
        name="payments.amounts",
        when="always",
        says="0 ≤ refunded ≤ captured ≤ authorised ≤ amount for every payment, in its order's currency.",
        sql="""
            SELECT p.id, p.amount, p.authorized, p.capturing, p.captured, p.refunding, p.refunded, p.currency,
                   o.currency
            FROM payments_payment p JOIN orders_order o ON o.id = p.order_id
            WHERE least(p.refunded, p.refunding, p.capturing) < 0 OR p.refunded + p.refunding > p.captured
               OR p.captured + p.capturing > p.authorized OR p.authorized > p.amount OR p.currency <> o.currency
        """,
    ),
    Invariant(
        name="payments.decimals",
        when="always",
        says="No amount has a fraction of its currency's smallest unit.",
        sql=f"""
            SELECT p.id, p.currency, p.amount, p.captured, r.amount AS refund
            FROM payments_payment p LEFT JOIN payments_refund r ON r.payment_id = p.id
            WHERE EXISTS (SELECT 1 FROM unnest(ARRAY[p.amount, p.authorized, p.captured, p.refunding, p.refunded,
                r.amount]) AS a WHERE a <> round(a, {DECIMALS}))
        """,  # noqa: S608  currency codes from our own list
    ),
    Invariant(
        name="payments.refunds",
        when="always",
        says="What a payment counts as refunded, and as on its way back, is the sum of those refunds.",
        sql="""
            SELECT p.id, p.refunded, p.refunding, r.succeeded, r.pending
            FROM payments_payment p LEFT JOIN (
                SELECT payment_id, sum(amount) FILTER (WHERE status = 'succeeded') AS succeeded,
                       sum(amount) FILTER (WHERE status = 'pending') AS pending
                FROM payments_refund GROUP BY payment_id) r ON r.payment_id = p.id
            WHERE p.refunded <> coalesce(r.succeeded, 0) OR p.refunding <> coalesce(r.pending, 0)
        """,
    ),
    Invariant(
        name="payments.captures",
        when="always",
        says="What a provider's payment counts as captured, and as being captured, is the sum of those captures.",
        sql="""
            SELECT p.id, p.captured, p.capturing, c.succeeded, c.pending
            FROM payments_payment p LEFT JOIN (
                SELECT payment_id, sum(amount) FILTER (WHERE status = 'succeeded') AS succeeded,
                       sum(amount) FILTER (WHERE status = 'pending') AS pending
                FROM payments_capture GROUP BY payment_id) c ON c.payment_id = p.id
            WHERE p.capturing <> coalesce(c.pending, 0)
               OR p.provider NOT IN ('manual', 'gift_card') AND p.captured <> coalesce(c.succeeded, 0)
        """,
    ),
    Invariant(
        name="payments.looked_up",
        when="calm",
        says="Nothing asked of a provider waits for a quarter of an hour without the next look-up being due.",
        sql="""
            SELECT id, kind, payment_id, state, attempts, due_at, last_error FROM payments_operation
            WHERE state IN ('pending', 'unknown') AND due_at < now() - interval '15 minutes'
        """,
    ),
    Invariant(
        name="payments.order",
        when="always",
        says="What an order counts as authorised, captured and refunded is the sum over its payments.",
        sql="""
            SELECT o.number, o.authorized_total, o.captured_total, o.refunded_total,
                   p.authorized, p.captured, p.refunded
            FROM orders_order o LEFT JOIN (
                SELECT order_id, sum(authorized) AS authorized, sum(captured) AS captured, sum(refunded) AS refunded
                FROM payments_payment GROUP BY order_id) p ON p.order_id = o.id
            WHERE (o.authorized_total, o.captured_total, o.refunded_total) IS DISTINCT FROM
                  (coalesce(p.authorized, 0), coalesce(p.captured, 0), coalesce(p.refunded, 0))
        """,
    ),
    Invariant(
        name="payments.given_back_total",
        when="calm",
        says="What a paid order counts as given back is what went back, or is on its way, since it was not owed.",
        sql="""
            SELECT o.number, o.given_back_total, r.sum FROM orders_order o
            JOIN (SELECT p.order_id, sum(r.amount) FILTER (
                      WHERE r.status <> 'failed' AND (r.cause = 'cancelled' OR r.created_at < paid.paid_at)) AS sum
                  FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id
                  JOIN orders_order paid ON paid.id = p.order_id GROUP BY p.order_id) r ON r.order_id = o.id
            WHERE o.paid_at IS NOT NULL AND o.given_back_total <> coalesce(r.sum, 0)
        """,
    ),
    Invariant(
        name="payments.test",
        when="always",
        says="Nobody pays for a test order.",
        sql="""
            SELECT o.number, p.id, p.status FROM payments_payment p
            JOIN orders_order o ON o.id = p.order_id WHERE o.test
        """,
    ),
    Invariant(
        name="payments.overpaid",
        when="calm",
        says="No order keeps more than its total without an open case.",
        sql="""
            SELECT o.number, o.total, o.captured_total, o.refunded_total FROM orders_order o
            WHERE o.captured_total - o.refunded_total > o.total
              AND NOT EXISTS (SELECT 1 FROM payments_payment p WHERE p.order_id = o.id AND p.refunding > 0)
              AND NOT EXISTS (
                SELECT 1 FROM payments_moneycase c WHERE c.order_id = o.id AND c.resolved_at IS NULL)
        """,
    ),
    Invariant(
        name="payments.provider_references",
        when="always",
        says="One object of a provider is one payment or one refund here, and a refund has its payment's provider.",
        sql="""
            SELECT provider, provider_reference, count(*) AS rows FROM (
                SELECT provider, provider_reference FROM payments_payment
                UNION ALL SELECT provider, provider_reference FROM payments_capture
                UNION ALL SELECT provider, provider_reference FROM payments_dispute
                UNION ALL SELECT provider, provider_reference FROM payments_refund) AS known
            WHERE provider_reference <> '' GROUP BY provider, provider_reference HAVING count(*) > 1
            UNION ALL
            SELECT r.provider, 'refund ' || r.id, 1 FROM payments_refund r
            JOIN payments_payment p ON p.id = r.payment_id WHERE p.provider <> r.provider
        """,
    ),
    Invariant(
        name="payments.owed",
        when="calm",
        says="What was paid for cancelled units has gone back, is on its way, or waits for a person in an open case.",
        sql="""
            SELECT o.number, o.status, p.captured, o.total - o.cancelled_total AS due, r.given_back, p.refundable
            FROM orders_order o
            JOIN (SELECT order_id, sum(captured) AS captured, sum(captured - refunded - refunding) AS refundable
                  FROM payments_payment GROUP BY order_id) p ON p.order_id = o.id
            LEFT JOIN (
                SELECT p.order_id, sum(r.amount) AS given_back
                FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id
                JOIN orders_order paid ON paid.id = p.order_id
                WHERE r.status <> 'failed' AND (
                    r.cause = 'cancelled' OR paid.paid_at IS NULL OR r.created_at < paid.paid_at)
                GROUP BY p.order_id) r ON r.order_id = o.id
            WHERE p.refundable > 0
              AND p.captured - (o.total - o.cancelled_total) > coalesce(r.given_back, 0)
              AND NOT EXISTS (
                  -- The provider refused: a person has been asked.
                  SELECT FROM payments_moneycase c WHERE c.order_id = o.id AND c.resolved_at IS NULL
                  AND c.kind IN ('refund_failed', 'dispute', 'stuck'))
              AND (o.status = 'cancelled' OR NOT EXISTS (
                  -- Units that had been refunded before they were cancelled are not given back again.
                  SELECT FROM payments_refundline x JOIN payments_refund r ON r.id = x.refund_id
                  JOIN orders_orderline l ON l.id = x.line_id
                  WHERE l.order_id = o.id AND r.status <> 'failed'
                  GROUP BY l.id HAVING sum(x.quantity) + l.cancelled > l.quantity))
        """,
    ),
    Invariant(
        name="payments.given_back",
        when="always",
        says="For cancelled units no more went back than was paid for them; else more was added and is asked for.",
        sql="""
            SELECT o.number, o.captured_total, o.total - o.cancelled_total AS due, sum(r.amount) AS given_back
            FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id
            JOIN orders_order o ON o.id = p.order_id
            WHERE r.cause = 'cancelled' AND r.status <> 'failed'
            GROUP BY o.id HAVING sum(r.amount) > greatest(o.captured_total - (o.total - o.cancelled_total), 0)
               AND NOT (o.status = 'paid' AND o.payment_status = 'partially_paid')
        """,
    ),
]
INVARIANTS += invariants_gift_cards.INVARIANTS + invariants_inbox.INVARIANTS
