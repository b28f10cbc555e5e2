"""What the payments of an order add up to."""

from decimal import Decimal

from django.db.models import Sum

from api.actors import Actor
from orders.models import Order
from orders.services import Totals, record_payment_totals
from payments.models import Payment
from payments.states import PaymentStatus


def tell_order(order_id: int, *, by: Actor) -> Order:
    """Sum up the payments of an order and let the order draw its conclusions. The caller holds the order's lock."""
    payments = Payment.objects.filter(order_id=order_id)
    sums = payments.aggregate(
        authorized=Sum("authorized", default=Decimal(0)),
        captured=Sum("captured", default=Decimal(0)),
        refunded=Sum("refunded", default=Decimal(0)),
    )
    last = payments.order_by("-created_at", "-id").values_list("status", flat=True).first()
    totals = Totals(**sums, failed=last == PaymentStatus.FAILED)
    return record_payment_totals(order_id=order_id, totals=totals, by=by)
