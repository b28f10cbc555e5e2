"""A shop that can be paid through the Stripe of a sandbox: the verbs from the first question to the money."""

from uuid import UUID

from orders.models import Order
from orders.tests.factories import TESTS, buyable, place
from payments.gateways.base import Snapshot
from payments.models import Operation, Payment
from payments.services import look_up_and_settle, open_payment, perform
from payments.states import OperationKind
from payments.tests.stripe_shop import pay
from sandbox.testing import RunningSandbox


def ordered(*lines: tuple[str, int]) -> Order:
    """One mug for 17.00 EUR with its tax and its way, unless lines are given."""
    buyable("MUG", price="10.00")
    return place(*(lines or (("MUG", 1),)))


def operation_of(payment: Payment, kind: OperationKind = OperationKind.CREATE) -> Operation:
    return Operation.objects.filter(payment=payment, kind=kind).latest("created_at")


def opened(order: Order) -> tuple[Payment, Snapshot]:
    """An attempt that the provider knows of and the customer has not completed."""
    payment = open_payment(order_id=order.pk, provider="stripe", by=TESTS)
    snapshot = perform(operation_of(payment).pk)
    assert snapshot is not None
    return payment, snapshot


def paid(sandbox: RunningSandbox, order: Order, method: str = "pm_card_visa") -> Payment:
    """Opened, completed by the customer and settled."""
    payment, snapshot = opened(order)
    pay(sandbox, snapshot, method)
    return settled(payment.pk)


def settled(payment_id: UUID) -> Payment:
    look_up_and_settle(payment_id=payment_id, by=TESTS)
    return Payment.objects.select_related("order").get(pk=payment_id)
