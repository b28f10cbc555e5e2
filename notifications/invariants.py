"""What must always hold of e-mails, as SQL that returns no row."""

from audit.doctor import Invariant

INVARIANTS = [
    Invariant(
        name="notifications.once",
        when="always",
        says="One change of an order sends one e-mail of a kind; more only where a person asked for it.",
        sql="""
            SELECT kind, order_id, version, count(*) FROM notifications_notification
            WHERE order_id IS NOT NULL AND requested_by = ''
            GROUP BY kind, order_id, version HAVING count(*) > 1
        """,
    ),
    Invariant(
        name="notifications.change",
        when="always",
        says="An e-mail about an order is about a change that happened.",
        sql="""
            SELECT n.id, n.key FROM notifications_notification n
            LEFT JOIN orders_ordertransition t ON t.order_id = n.order_id AND t.version = n.version
            WHERE n.order_id IS NOT NULL AND t.id IS NULL
        """,
    ),
    Invariant(
        name="notifications.waiting",
        when="calm",
        says="No e-mail that is due has waited for fifteen minutes.",
        sql="""
            SELECT id, key, due_at, attempts, error FROM notifications_notification
            WHERE status = 'queued' AND due_at < now() - interval '15 minutes'
        """,
    ),
]
