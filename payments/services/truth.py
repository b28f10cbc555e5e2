"""What follows from a provider's snapshot: pure comparison and derivation."""

from decimal import Decimal

from kernel.money import format_amount
from orders.models import Order
from payments.gateways.base import Snapshot
from payments.models import Payment
from payments.states import NOTHING_YET, PaymentStatus

# Nothing has been given up or taken yet: only now may what is authorised still grow.
_OPEN = NOTHING_YET | {PaymentStatus.AUTHORIZED}


def disagreement(payment: Payment, order: Order, snapshot: Snapshot, *, payee: str) -> str:
    """Why the provider's object cannot be this payment, as a sentence; empty when it can."""
    expected = {
        "payment": (str(payment.pk), snapshot.payment_id),
        "order": (order.number, snapshot.order_number),
        "currency": (payment.currency, snapshot.money.currency),
        "amount": (
            format_amount(payment.amount, payment.currency),
            format_amount(snapshot.money.amount, snapshot.money.currency),
        ),
        "payee": (payee, snapshot.payee),
        "reference": (payment.provider_reference or snapshot.reference, snapshot.reference),
    }
    wrong = [
        f"{name} is {theirs or 'missing'}, not {ours}" for name, (ours, theirs) in expected.items() if ours != theirs
    ]
    return f"At the provider, {'; '.join(wrong)}." if wrong else ""


def authorized_now(payment: Payment, snapshot: Snapshot, captured: Decimal) -> Decimal:
    """What is still vouched for. An older snapshot never brings back what was given up."""
    if snapshot.status == PaymentStatus.VOIDED:
        return captured + payment.capturing
    if payment.status == PaymentStatus.AUTHORIZED and snapshot.status == PaymentStatus.CREATED:
        # Read before it was authorised: a provider tells of an authorisation that ends as such.
        return max(payment.authorized, captured + payment.capturing)
    vouched = snapshot.authorized if payment.status in _OPEN else min(payment.authorized, snapshot.authorized)
    return max(vouched, captured + payment.capturing)


def status_now(payment: Payment, snapshot: Snapshot) -> str:
    """Of a payment whose amounts are up to date. Money taken outweighs all; what was given up stays so."""
    if payment.captured > 0:
        return PaymentStatus.CAPTURED
    if PaymentStatus.VOIDED in {payment.status, snapshot.status}:
        return PaymentStatus.VOIDED
    if payment.authorized > 0:
        return PaymentStatus.AUTHORIZED
    return PaymentStatus.FAILED if snapshot.status == PaymentStatus.FAILED else PaymentStatus.CREATED
