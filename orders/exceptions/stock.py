"""Which orders wait while less lies there than is promised: from the newest back, so that older promises are kept."""

import contextlib

from django.db import connection, transaction

from api.actors import Actor
from audit.exceptions.kinds import ExceptionKind
from audit.exceptions.sweep import sweep
from audit.verbs import verb
from kernel.errors import Busy, Refused
from orders.models import Hold
from orders.services.holds import place_hold, release_hold
from orders.states import HoldKind

# Who places these holds, and the only one whose holds are taken away again.
WATCHER = Actor.system("hold_short_orders")
ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('orders.stock_holds', 0))"
# The units missing at a level belong to the orders placed last; what lies in a package was there.
SHORT = """
    SELECT DISTINCT ON (order_id) order_id, missing || ' of ' || sku || ' at ' || code || ' are not there.'
    FROM (
        SELECT r.order_id, o.status, s.quantity AS missing, i.sku, w.code,
               sum(r.quantity) OVER (PARTITION BY s.id ORDER BY r.order_id DESC, r.id DESC) - r.quantity AS newer
        FROM inventory_shortfall s
        JOIN inventory_reservation r ON r.level_id = s.level_id AND r.state IN ('held', 'committed')
        JOIN orders_order o ON o.id = r.order_id AND o.status IN ('pending', 'paid')
        JOIN inventory_stockitem i ON i.id = r.item_id
        JOIN inventory_warehouse w ON w.id = r.warehouse_id
        WHERE s.closed_at IS NULL) AS ranked
    WHERE newer < missing AND status = 'paid'
    ORDER BY order_id, sku, code
"""


@verb
def settle_stock_holds(*, by: Actor) -> tuple[list[int], list[int]]:
    """Hold the paid orders that the missing units belong to, and let go those they no longer do.

    Returns both by id. A hold that a person has placed stays theirs; an order that somebody holds for stock already
    gets no second one. Orders are locked in the order of their ids. One at a time: what another has read before it
    placed or released would be out of date; it raises `Busy`, and the relay tries again.
    """
    with connection.cursor() as cursor:
        cursor.execute(ALONE)
        if not cursor.fetchone()[0]:
            raise Busy()
        cursor.execute(SHORT)
        short = dict(cursor.fetchall())
    holds = {hold.order_id: hold for hold in Hold.objects.filter(kind=HoldKind.STOCK, released_at=None)}
    ours = {order_id: hold for order_id, hold in holds.items() if hold.placed_by == str(WATCHER)}
    placed, released = sorted(short.keys() - holds.keys()), sorted(ours.keys() - short.keys())
    for order_id in sorted([*placed, *released]):
        # One that was packed or let go meanwhile refuses, rightly.
        with contextlib.suppress(Refused), transaction.atomic():
            if order_id in short:
                place_hold(order_id=order_id, kind=HoldKind.STOCK, note=short[order_id], by=WATCHER)
            else:
                release_hold(order_id=order_id, hold_id=ours[order_id].pk, role="admin", by=WATCHER)
    sweep(kinds=[ExceptionKind.SHORTFALL, ExceptionKind.OVERSOLD], by=by)
    return placed, released
