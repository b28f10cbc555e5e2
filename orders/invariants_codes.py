"""What must always hold of codes."""

from audit.doctor import Invariant

INVARIANTS = [
    Invariant(
        name="orders.code_uses",
        when="always",
        says="A code's uses are its live redemptions, and no more than its limit.",
        sql="""
            SELECT c.code, c.uses, c."limit", r.n FROM orders_discountcode c
            LEFT JOIN (SELECT code_id, count(*) AS n FROM orders_discountredemption
                       WHERE state <> 'released' GROUP BY code_id) r ON r.code_id = c.id
            WHERE c.uses <> coalesce(r.n, 0) OR c.uses > c."limit"
        """,
    ),
    Invariant(
        name="orders.campaign_spent",
        when="always",
        says="What a campaign has spent is what its live redemptions took off, and no more than its budget.",
        sql="""
            SELECT c.id, c.name, c.spent, c.budget, r.amount FROM orders_discountcampaign c
            LEFT JOIN (SELECT code.campaign_id, sum(used.amount) AS amount FROM orders_discountredemption used
                       JOIN orders_discountcode code ON code.id = used.code_id
                       WHERE used.state <> 'released' GROUP BY code.campaign_id) r ON r.campaign_id = c.id
            WHERE c.spent <> coalesce(r.amount, 0) OR c.spent > c.budget
        """,
    ),
    Invariant(
        name="orders.campaign_customers",
        when="always",
        says="How often a customer has used a campaign is their live redemptions, and no more than its limit.",
        sql="""
            SELECT coalesce(c.campaign_id, r.campaign_id) AS campaign, c.uses, r.n, d.limit_per_customer
            FROM orders_campaigncustomer c FULL JOIN (
                SELECT code.campaign_id, used.customer, count(*) AS n FROM orders_discountredemption used
                JOIN orders_discountcode code ON code.id = used.code_id
                WHERE used.state <> 'released' GROUP BY code.campaign_id, used.customer) r
            ON r.campaign_id = c.campaign_id AND r.customer = c.customer
            LEFT JOIN orders_discountcampaign d ON d.id = c.campaign_id
            WHERE coalesce(c.uses, 0) <> coalesce(r.n, 0) OR c.uses > d.limit_per_customer
        """,
    ),
    Invariant(
        name="orders.codes_given_back",
        when="always",
        says="A cancelled order has no live redemption.",
        sql="""
            SELECT o.number, used.code_id, used.state FROM orders_discountredemption used
            JOIN orders_order o ON o.id = used.order_id WHERE o.status = 'cancelled' AND used.state <> 'released'
        """,
    ),
]
