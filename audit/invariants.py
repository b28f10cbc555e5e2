from audit.doctor import Invariant

INVARIANTS = [
    Invariant(
        name="events.sequence",
        when="always",
        says="The facts of each aggregate are numbered from 1 without a gap.",
        sql="""
            SELECT aggregate, aggregate_id, e.facts, e.highest, s.last FROM (
                SELECT aggregate, aggregate_id, count(*) AS facts, min(sequence) AS lowest, max(sequence) AS highest
                FROM audit_logentry GROUP BY aggregate, aggregate_id) e
            FULL JOIN audit_stream s USING (aggregate, aggregate_id)
            WHERE (e.facts, e.lowest, e.highest) IS DISTINCT FROM (s.last, 1, s.last)
        """,
    ),
    Invariant(
        name="events.delivered",
        when="calm",
        says="Every fact has left the outbox and reached each of its handlers, or is parked with a reason.",
        sql="""
            SELECT entry_id, 'waiting' AS state, NULL AS handler FROM audit_outbox
            UNION ALL
            SELECT entry_id, state, handler FROM audit_delivery
            WHERE state = 'pending' OR (state = 'parked' AND last_error = '')
        """,
    ),
]
