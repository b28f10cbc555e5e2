"""Uses of codes: reserved with the order, confirmed with its payment, given back with its cancellation.

Called by the verbs of orders under the order's lock; the codes are locked after it and before the stock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from kernel.errors import FieldProblem
from orders.codes.customer import customer_key
from orders.codes.reading import find_codes, has_ordered, refusal_of
from orders.errors import CodeNotApplicable
from orders.models import DiscountCode, DiscountRedemption, Order

# One statement: the budget, the customer's uses, the code's uses and the redemption, each only if the ones before
# allow it; a limit that is reached leaves no row, and the transaction is given up. The rows are locked in that order,
# of several campaigns the oldest first: whoever holds a campaign's row has its customers and codes to themselves.
COUNT = """
    WITH campaign AS (
        UPDATE orders_discountcampaign SET spent = spent + %(amount)s
        WHERE id = %(campaign)s AND active AND (budget IS NULL OR spent + %(amount)s <= budget)
        RETURNING id, limit_per_customer AS most),
    customer AS (
        INSERT INTO orders_campaigncustomer AS known (campaign_id, customer, uses)
        SELECT id, %(customer)s, 1 FROM campaign
        ON CONFLICT (campaign_id, customer) DO UPDATE SET uses = known.uses + 1
        WHERE (SELECT most FROM campaign) IS NULL OR known.uses < (SELECT most FROM campaign)
        RETURNING known.id),
    code AS (
        UPDATE orders_discountcode SET uses = uses + 1
        WHERE id = %(code)s AND active AND ("limit" IS NULL OR uses < "limit") AND EXISTS (SELECT FROM customer)
        RETURNING id)
"""
INSERT = """
    INSERT INTO orders_discountredemption (code_id, order_id, customer, amount, state, created_at, changed_at)
    SELECT id, %(order)s, %(customer)s, %(amount)s, 'reserved', %(now)s, %(now)s FROM code RETURNING id
"""
REVIVE = """
    UPDATE orders_discountredemption SET state = 'reserved', changed_at = %(now)s FROM code
    WHERE orders_discountredemption.id = %(redemption)s RETURNING orders_discountredemption.id
"""
LOCK = """
    SELECT FROM orders_discountcampaign WHERE id IN (
        SELECT code.campaign_id FROM orders_discountcode code
        JOIN orders_discountredemption used ON used.code_id = code.id WHERE used.order_id = %(order)s)
    ORDER BY id FOR NO KEY UPDATE
"""
RELEASE = """
    WITH freed AS (
        UPDATE orders_discountredemption used SET state = 'released', changed_at = %(now)s
        FROM orders_discountcode code
        WHERE used.order_id = %(order)s AND used.state <> 'released' AND code.id = used.code_id
        RETURNING used.code_id, code.campaign_id, used.customer, used.amount),
    campaign AS (
        UPDATE orders_discountcampaign SET spent = spent - freed.amount
        FROM (SELECT campaign_id, sum(amount) AS amount FROM freed GROUP BY 1) freed
        WHERE id = freed.campaign_id),
    customer AS (
        UPDATE orders_campaigncustomer known SET uses = known.uses - freed.n
        FROM (SELECT campaign_id, customer, count(*) AS n FROM freed GROUP BY 1, 2) freed
        WHERE known.campaign_id = freed.campaign_id AND known.customer = freed.customer)
    UPDATE orders_discountcode SET uses = uses - 1 FROM freed WHERE id = freed.code_id
"""


@dataclass(frozen=True, slots=True)
class Used:
    """A code and what it takes off the order, in the order's currency."""

    code: str
    amount: Decimal


def reserve_codes(order: Order, used: Sequence[Used], *, email: str) -> None:
    """Count a use of each code. `email` is whose uses are counted.

    Raises `CodeNotApplicable` when somebody else was faster or a limit is reached; nothing is kept then, since the
    caller's transaction is given up.
    """
    if not used:
        return
    customer = customer_key(email)
    rows = find_codes([entry.code for entry in used], customer=customer)
    for entry in sorted(used, key=lambda entry: (rows[entry.code].campaign_id, rows[entry.code].pk)):
        row = rows[entry.code]
        counted = _count(COUNT + INSERT, row, customer=customer, amount=entry.amount, order=order.pk)
        # The customer's row is locked by now: of two first orders at once the second one looks after the first.
        late = row.campaign.first_order_only and has_ordered(email=email, user_id=order.user_id, but=order.pk)
        if not counted or late:
            raise _refused(order, entry.code, customer=customer, is_first=not late)


def confirm_codes(order: Order) -> None:
    """The order is paid: its codes are used for good."""
    if order.discount_codes:
        found = DiscountRedemption.objects.filter(order=order, state=DiscountRedemption.State.RESERVED)
        found.update(state=DiscountRedemption.State.CONFIRMED, changed_at=timezone.now())


def release_codes(order: Order) -> None:
    """The order is cancelled: its codes can be used again. Twice gives nothing back twice."""
    if order.discount_codes:
        with connection.cursor() as cursor:
            cursor.execute(LOCK, {"order": order.pk})
            cursor.execute(RELEASE, {"order": order.pk, "now": timezone.now()})


def reserve_again(order: Order) -> None:
    """The order lives again and needs its codes back. Raises `CodeNotApplicable` when they are used up meanwhile."""
    if not order.discount_codes:
        return
    released = DiscountRedemption.objects.filter(order=order, state=DiscountRedemption.State.RELEASED)
    for use in released.select_related("code").order_by("code__campaign_id", "code_id"):
        if not _count(COUNT + REVIVE, use.code, customer=use.customer, amount=use.amount, redemption=use.pk):
            raise _refused(order, use.code.code, customer=use.customer)


def _count(statement: str, code: DiscountCode, **values: Any) -> bool:
    """Whether there was a use left."""
    given = {"campaign": code.campaign_id, "code": code.pk, "now": timezone.now(), **values}
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.fetchone() is not None


def _refused(order: Order, code: str, *, customer: str, is_first: bool = True) -> CodeNotApplicable:
    """Why it was refused, by the rows as they are now."""
    row = find_codes([code], customer=customer)[code]
    spent = ("budget_spent", f"What was set aside for {code} is used up.")
    reason, detail = refusal_of(row, row.used, is_first=is_first) or spent
    field = f"discount_codes.{order.discount_codes.index(code)}"
    return CodeNotApplicable(detail, problems=[FieldProblem(field, CodeNotApplicable.code, detail)], reason=reason)
