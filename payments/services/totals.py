"""What the payments of an order add up to."""

from decimal import Decimal

from django.db.models import Sum

from api.actors import Actor
from orders.models import Order
from orders.services import Totals, record_payment_totals
from payments.models import Payment


def tell_order(order_id: int, *, by: Actor) -> Order:
    """Sum up the payments of an order and let the order draw its conclusions. The caller holds the order's lock."""
    sums = Payment.objects.filter(order_id=order_id).aggregate(
        authorized=Sum("authorized", default=Decimal(0)),
        captured=Sum("captured", default=Decimal(0)),
        refunded=Sum("refunded", default=Decimal(0)),
    )
    return record_payment_totals(order_id=order_id, totals=Totals(**sums), by=by)
