"""Money that is on its way back, for those below who must not suggest it a second time."""

from decimal import Decimal

from django.db.models import Sum

from kernel.money import ZERO
from payments.models import Payment


def refunds_underway(order_id: int) -> Decimal:
    """What providers have been asked to give back of an order's payments, and have not confirmed."""
    found: Decimal = Payment.objects.filter(order=order_id).aggregate(sum=Sum("refunding", default=ZERO))["sum"]
    return found
