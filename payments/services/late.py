"""Money that is more than is owed: it came late, twice, or for what was cancelled since."""

import contextlib

from django.db import transaction

from api.actors import Actor
from audit.verbs import verb
from kernel.errors import Refused
from kernel.money import ZERO
from orders.models import Order
from orders.services import revive_order
from orders.states import Status
from payments.services.refund import refund_cancelled_units
from payments.services.settle import lock_payments


@verb
def answer_late_money(*, order_id: int, by: Actor) -> None:
    """Revive the order that this money was for if its goods are still there; give back whatever is not owed.

    Does nothing for money that is owed, and doing it twice gives nothing twice.
    """
    # First of all, since the locks go from payments down to the order.
    kept = sum((payment.refundable for payment in lock_payments(order_id)), ZERO)
    total, status = Order.objects.values_list("total", "status").get(pk=order_id)
    # What is on its way back pays for nothing, though the order has not heard of it yet.
    if status == Status.CANCELLED and kept >= total:
        with contextlib.suppress(Refused), transaction.atomic():
            revive_order(order_id=order_id, by=by)
    refund_cancelled_units(order_id=order_id, by=by)
