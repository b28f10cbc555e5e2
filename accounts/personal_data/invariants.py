"""What must always hold of people who are erased, or wait to be."""

from audit.doctor import Invariant

INVARIANTS = [
    Invariant(
        name="accounts.erased_are_nobody",
        when="always",
        says="An erased person has no address, session or copy of their data, and no e-mail but a pseudonym.",
        sql="""
            SELECT u.id FROM accounts_user u
            WHERE u.erased_at IS NOT NULL AND (
                u.email NOT LIKE '%@erased.invalid'
                OR EXISTS (SELECT 1 FROM accounts_address a WHERE a.user_id = u.id)
                OR EXISTS (SELECT 1 FROM accounts_refreshfamily s WHERE s.user_id = u.id)
                OR EXISTS (SELECT 1 FROM accounts_dataexport x WHERE x.user_id = u.id))
        """,
    ),
    Invariant(
        name="accounts.erased_have_no_way_in",
        when="always",
        says="No account of an issuer, e-mail of django-allauth or second factor is an erased person's.",
        sql="""
            SELECT u.id, way.in_table FROM accounts_user u
            JOIN (
                SELECT user_id, 'socialaccount_socialaccount' AS in_table FROM socialaccount_socialaccount
                UNION ALL SELECT user_id, 'account_emailaddress' FROM account_emailaddress
                UNION ALL SELECT user_id, 'mfa_authenticator' FROM mfa_authenticator) way ON way.user_id = u.id
            WHERE u.erased_at IS NOT NULL
        """,
    ),
    Invariant(
        name="accounts.erased_leave_no_past",
        when="always",
        says="The history of an erased person names nobody.",
        sql="""
            SELECT h.id, h.history_id FROM accounts_historicaluser h
            JOIN accounts_user u ON u.id = h.id AND u.erased_at IS NOT NULL
            WHERE h.email <> u.email OR h.first_name <> '' OR h.last_name <> ''
        """,
    ),
    Invariant(
        name="accounts.erased_in_time",
        when="calm",
        says="Nobody is overdue to be erased by more than a day without a reason.",
        sql="""
            SELECT u.id, u.erase_at FROM accounts_user u
            LEFT JOIN accounts_erasure e ON e.user_id = u.id AND e.ended_at IS NULL
            WHERE u.erased_at IS NULL AND u.erase_at < now() - interval '1 day' AND coalesce(e.waits_for, '') = ''
        """,
    ),
]
