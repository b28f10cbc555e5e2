"""Money that is authorised: taking it, and giving it up."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from api.actors import Actor
from audit.verbs import verb
from kernel.errors import NotAllowedNow
from kernel.money import ZERO, format_amount
from orders.models import Order, OrderLine
from orders.pricing.quote import value_of_units
from orders.services.read import lock_order
from payments.errors import PaymentMismatch
from payments.gateways.registry import gateway_of
from payments.models import Capture, Operation, Payment
from payments.services.amounts import checked
from payments.services.cases import open_case
from payments.services.queue import ask_to_capture, ask_to_void
from payments.services.settle import lock_payment, lock_payments
from payments.states import SETTLED_HERE, CaseKind, PaymentStatus

WARN_BEFORE = timedelta(hours=24)


@verb
def capture_payment(*, payment_id: UUID, amount: Decimal | None = None, by: Actor) -> Operation:
    """Take authorised money; without `amount`, all that is left. The provider is asked by `perform`.

    Raises `NotFound`, `NotAllowedNow` (nothing is authorised), `Invalid` (decimals), `PaymentMismatch` (more than is
    authorised).
    """
    payment = lock_payment(payment_id)
    lock_order(payment.order_id)
    if payment.capturable <= 0:
        raise NotAllowedNow("Nothing is authorised that could be captured.")
    wanted = payment.capturable if amount is None else checked(amount, payment.currency)
    if wanted > payment.capturable:
        left = f"{format_amount(payment.capturable, payment.currency)} {payment.currency}"
        raise PaymentMismatch(f"Only {left} can still be captured.", field="amount")
    return ask_to_capture(_set_aside(payment, wanted, by=by), by=by)


@verb
def void_payment(*, payment_id: UUID, by: Actor) -> Operation:
    """Give up an attempt or an authorisation. Raises `NotFound`, and `NotAllowedNow` once money was taken."""
    payment = lock_payment(payment_id)
    lock_order(payment.order_id)
    if payment.provider in SETTLED_HERE or payment.captured or payment.capturing:
        raise NotAllowedNow("Money was taken: refund it instead.")
    if payment.status == PaymentStatus.VOIDED:
        raise NotAllowedNow("This payment has been given up already.")
    return ask_to_void(payment, by=by)


@verb
def capture_shipped(*, order_id: int, by: Actor) -> list[Operation]:
    """Take the value of what has left, from what is authorised; all of it where a provider captures only once.

    What is owed by now follows from what is stored, so doing it twice takes nothing twice.
    """
    payments = lock_payments(order_id)
    order = lock_order(order_id)
    taken = sum((payment.captured + payment.capturing for payment in payments), ZERO)
    owed = _shipped_value(order) - taken
    asked = []
    for payment in payments:
        part = min(owed, payment.capturable)
        if part <= 0:
            continue
        if not gateway_of(payment.provider).captures_in_parts:
            part = min(payment.capturable, order.due - taken)
        owed -= part
        taken += part
        asked.append(ask_to_capture(_set_aside(payment, part, by=by), by=by))
    return asked


@verb
def give_up_unneeded(*, order_id: int, by: Actor) -> list[Operation]:
    """Release what is authorised, and close what is open, for an order that is cancelled."""
    payments = lock_payments(order_id)
    lock_order(order_id)
    return [ask_to_void(payment, by=by) for payment in payments if payment.is_open]


def _set_aside(payment: Payment, amount: Decimal, *, by: Actor) -> Capture:
    payment.capturing += amount
    payment.save(update_fields=["capturing"])
    return Capture.objects.create(payment=payment, provider=payment.provider, amount=amount, created_by=str(by))


def _shipped_value(order: Order) -> Decimal:
    """What is due, less the value of the units that have not left; the shipping goes with the first package."""
    return order.due - sum((_unshipped(order, line) for line in order.lines.all()), ZERO)


def _unshipped(order: Order, line: OrderLine) -> Decimal:
    waiting = line.units.live - line.shipped
    return value_of_units(
        line.total, line.quantity, first=line.quantity - waiting, count=waiting, currency=order.currency
    )


@verb
def warn_of_expiring(*, by: Actor) -> int:
    """Open a case for each authorisation that ends within a day; returns how many end so soon."""
    until = timezone.now() + WARN_BEFORE
    ending = Payment.objects.filter(status=PaymentStatus.AUTHORIZED, authorization_expires_at__lt=until)
    for payment in ending:
        open_case(
            kind=CaseKind.AUTHORIZATION_ENDS,
            about=str(payment.pk),
            detail=f"The authorisation ends at {payment.authorization_expires_at:%Y-%m-%d %H:%M} UTC.",
            order_id=payment.order_id,
            payment_id=payment.pk,
        )
    return len(ending)
