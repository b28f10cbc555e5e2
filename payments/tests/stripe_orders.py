"""Orders on their way to be paid by Stripe, as far as the provider has been asked and the customer has not paid."""

from uuid import uuid4

from orders.models import Order
from orders.tests.factories import place
from payments.gateways.base import Money, Notice, Request, Snapshot
from payments.gateways.stripe import StripeGateway
from payments.models import Payment


def opened_payment(
    stripe: StripeGateway, *, order: Order | None = None, is_known: bool = True
) -> tuple[Payment, Snapshot]:
    """A payment of all that is due. Unless `is_known`, Stripe's answer with its reference has not arrived yet."""
    order = order or place(("MUG", 1))
    payment = Payment.objects.create(
        order=order, provider="stripe", amount=order.due, currency=order.currency, created_by="system:tests"
    )
    opened = stripe.create(
        Request(
            payment_id=payment.pk,
            order_number=order.number,
            money=Money(payment.amount, payment.currency),
            capture_at_once=True,
            return_url="",
            key=uuid4().hex,
        )
    )
    if is_known:
        payment.provider_reference = opened.reference
        payment.save(update_fields=["provider_reference"])
    return payment, opened


def told(reference: str, name: str = "payment_intent.succeeded") -> Notice:
    """An event about a payment, under an id of its own."""
    return Notice(event_id=f"evt_{uuid4().hex}", type=name, payment_reference=reference, object_id=reference)
