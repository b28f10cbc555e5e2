from accounts.personal_data import invariants as personal_data
from audit.doctor import Invariant

INVARIANTS = [
    *personal_data.INVARIANTS,
    Invariant(
        name="accounts.deactivated_are_out",
        when="always",
        says="Nobody who is deactivated has an open session.",
        sql="""
            SELECT s.id AS session, s.user_id FROM accounts_refreshfamily s
            JOIN accounts_user u ON u.id = s.user_id WHERE s.revoked_at IS NULL AND NOT u.is_active
        """,
    ),
    Invariant(
        name="accounts.open_sessions_can_go_on",
        when="always",
        says="Every open session with refresh tokens has exactly one that is unspent.",
        sql="""
            SELECT t.family_id AS session, count(*) FILTER (WHERE t.consumed_at IS NULL) AS unspent
            FROM accounts_refreshtoken t JOIN accounts_refreshfamily s ON s.id = t.family_id
            WHERE s.revoked_at IS NULL
            GROUP BY t.family_id HAVING count(*) FILTER (WHERE t.consumed_at IS NULL) <> 1
        """,
    ),
    Invariant(
        name="accounts.closed_partners_are_out",
        when="always",
        says="No token of a closed partner is unrevoked.",
        sql="""
            SELECT t.id AS token, t.partner_id FROM accounts_partnertoken t
            JOIN accounts_partner p ON p.id = t.partner_id
            WHERE p.closed_at IS NOT NULL AND t.revoked_at IS NULL
        """,
    ),
]
