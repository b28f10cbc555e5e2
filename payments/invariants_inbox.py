"""What must always hold of what providers tell, as SQL that returns no row."""

from audit.doctor import Invariant

INVARIANTS = [
    Invariant(
        name="payments.inbox",
        when="calm",
        says="Every event a provider has sent is processed, or parked with a reason.",
        sql="""
            SELECT id, provider, event_id, state, attempts, last_error FROM payments_webhookevent
            WHERE state = 'received' OR (state = 'parked' AND last_error = '')
               OR (state = 'processed') <> (processed_at IS NOT NULL)
        """,
    ),
    Invariant(
        name="payments.provider_objects",
        when="always",
        says="One object of a provider is one capture or one dispute here, of one payment with that provider.",
        sql="""
            SELECT provider, provider_reference, count(*) AS rows FROM (
                SELECT provider, provider_reference FROM payments_capture
                UNION ALL SELECT provider, provider_reference FROM payments_refund
                UNION ALL SELECT provider, provider_reference FROM payments_dispute) AS known
            WHERE provider_reference <> '' GROUP BY provider, provider_reference HAVING count(*) > 1
            UNION ALL
            SELECT t.provider, t.provider_reference, 1 FROM (
                SELECT provider, provider_reference, payment_id FROM payments_capture
                UNION ALL SELECT provider, provider_reference, payment_id FROM payments_dispute) AS t
            JOIN payments_payment p ON p.id = t.payment_id WHERE p.provider <> t.provider
        """,
    ),
]
