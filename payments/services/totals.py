"""What the payments of an order add up to."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils import timezone

from api.actors import Actor
from kernel.money import ZERO
from orders.models import Order
from orders.services import Totals, record_payment_totals
from payments.models import Payment, Refund
from payments.states import PaymentStatus, RefundCause, TransferStatus


def tell_order(order_id: int, *, by: Actor) -> Order:
    """Sum up the payments of an order and let the order draw its conclusions. The caller holds the order's lock."""
    payments = Payment.objects.filter(order_id=order_id)
    sums = payments.aggregate(
        authorized=Sum("authorized", default=Decimal(0)),
        captured=Sum("captured", default=Decimal(0)),
        refunded=Sum("refunded", default=Decimal(0)),
    )
    paid_at = Order.objects.values_list("paid_at", flat=True).get(pk=order_id)
    last = payments.order_by("-created_at", "-id").values_list("status", flat=True).first()
    # If this is what makes it paid, all that went back so far went back before.
    back = given_back(order_id, paid_at or timezone.now())
    totals = Totals(**sums, given_back=back, failed=last == PaymentStatus.FAILED)
    return record_payment_totals(order_id=order_id, totals=totals, by=by)


def given_back(order_id: int, paid_at: datetime | None) -> Decimal:
    """What went back, or is on its way, since it was not owed: for units cancelled, for money paid twice, and whatever
    went back before the order was paid, since that never counted as paid.
    """
    early = Q() if paid_at is None else Q(created_at__lt=paid_at)
    refunds = Refund.objects.filter(Q(cause=RefundCause.CANCELLED) | early, payment__order=order_id)
    found: Decimal = refunds.exclude(status=TransferStatus.FAILED).aggregate(sum=Sum("amount", default=ZERO))["sum"]
    return found


def note_given_back(order: Order) -> None:
    """The order learns of money that is on its way back before a provider has settled it: it pays for nothing more."""
    order.given_back_total = given_back(order.pk, order.paid_at)
    order.save(update_fields=["given_back_total"])
