"""Money that staff have received by hand."""

from decimal import Decimal

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.money import format_amount
from orders.actions import guard
from orders.services.read import lock_order
from payments.errors import PaymentMismatch
from payments.events import PaymentCaptured
from payments.models import Payment
from payments.services.amounts import checked
from payments.services.totals import tell_order
from payments.states import PaymentStatus, Provider


@verb
def record_manual_payment(*, order_id: int, amount: Decimal | None = None, note: str = "", by: Actor) -> Payment:
    """Record money received outside any provider; without `amount`, all that is still due.

    Raises `NotAllowedNow` (paid or cancelled), `Invalid` (decimals) and `PaymentMismatch` for more than is due:
    whoever holds the money can give back what is too much before recording it.
    """
    # A new payment is invisible to others until commit, so locking the order first cannot deadlock.
    order = lock_order(order_id)
    guard("pay", order)
    due = order.money().outstanding
    received = due if amount is None else checked(amount, order.currency)
    if received > due:
        raise PaymentMismatch(f"Only {format_amount(due, order.currency)} {order.currency} is due.", field="amount")
    payment = Payment.objects.create(
        order=order,
        provider=Provider.MANUAL,
        status=PaymentStatus.CAPTURED,
        amount=received,
        currency=order.currency,
        authorized=received,
        captured=received,
        note=note,
        created_by=str(by),
    )
    order = tell_order(order.pk, by=by)
    publish(PaymentCaptured(order_id=order.pk, version=order.version, payment_id=str(payment.pk)), by=by)
    payment.order = order
    return payment
