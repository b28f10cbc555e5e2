"""An attempt to pay through a provider: opened, completed, given up."""

from decimal import Decimal
from uuid import UUID

from api.actors import Actor
from audit.verbs import verb
from kernel.errors import NotAllowedNow, NotFound
from orders.actions import guard
from orders.models import Order
from orders.services.read import lock_order
from payments.errors import ProviderBusy, ProviderRefused
from payments.gateways.base import Declined, Snapshot, Unclear
from payments.gateways.registry import gateway_of
from payments.models import Operation, Payment
from payments.services.amounts import part_of_due
from payments.services.bulkhead import calling
from payments.services.queue import UNFINISHED, ask_to_create, ask_to_void, complete_later
from payments.services.settle import lock_payment, settle
from payments.states import NOTHING_YET, SETTLED_HERE, OperationKind, OperationState, PaymentStatus


@verb
def open_payment(
    *, order_id: int, provider: str, amount: Decimal | None = None, return_url: str = "", by: Actor
) -> Payment:
    """Begin to pay an order through a provider; without `amount`, all that is still due.

    The provider is asked afterwards, by `perform` of the payment's `create` operation. An attempt that waits for the
    same money at the same provider is taken up again, and others are given up: the customer pays once. Raises
    `NotAllowedNow` (paid or cancelled), `Invalid` (decimals, provider), `PaymentMismatch` (more than is due).
    """
    gateway_of(provider)
    order = lock_order(order_id)
    guard("pay", order)
    wanted = part_of_due(amount, order.money().outstanding, order.currency)
    waiting = Payment.objects.filter(order=order, status__in=NOTHING_YET).exclude(provider__in=SETTLED_HERE)
    again: Payment | None = None
    for payment in waiting.order_by("created_at"):
        is_same = (payment.provider, payment.amount, payment.return_url) == (provider, wanted, return_url)
        if is_same and _is_open(payment):
            again = payment
        else:
            ask_to_void(payment, by=by)
    return again or _new(order, provider=provider, amount=wanted, return_url=return_url, by=by)


def _is_open(payment: Payment) -> bool:
    """Not about to be given up, nor refused before it began."""
    states = dict(payment.operations.filter(kind__in=("create", "void")).values_list("kind", "state"))
    return OperationKind.VOID not in states and states.get(OperationKind.CREATE) != OperationState.FAILED


def _is_given_up(payment: Payment) -> bool:
    return payment.operations.filter(kind=OperationKind.VOID, state__in=UNFINISHED).exists()


def _new(order: Order, *, provider: str, amount: Decimal, return_url: str, by: Actor) -> Payment:
    payment = Payment.objects.create(
        order=order,
        provider=provider,
        amount=amount,
        currency=order.currency,
        return_url=return_url,
        created_by=str(by),
    )
    ask_to_create(payment, by=by)
    return payment


@verb
def ask_completion(*, payment_id: UUID, by: Actor) -> Operation:
    """Write down that the customer has come back, and that what they approved is to be taken."""
    payment = lock_payment(payment_id)
    if payment.provider in SETTLED_HERE:
        raise NotAllowedNow("This payment needs no confirmation.")
    if payment.status == PaymentStatus.VOIDED or _is_given_up(payment):
        raise NotAllowedNow("This payment has been given up: begin another.")
    if not payment.provider_reference:
        raise ProviderBusy("The provider has not confirmed this payment yet.")
    return complete_later(payment, by=by)


@verb
def forget_attempt(*, payment_id: UUID, by: Actor) -> None:
    """The provider has thrown an attempt away that nobody completed: the next request opens a new one."""
    payment = lock_payment(payment_id)
    if payment.status in NOTHING_YET:
        payment.status = PaymentStatus.VOIDED
        payment.save(update_fields=["status"])


def look_up_and_settle(*, payment_id: UUID, by: Actor) -> Snapshot:
    """Ask the provider what is true and believe it, within `settle`'s limits.

    Raises `NotFound`, `ProviderBusy` and `ProviderRefused` (the provider does not know it).
    """
    payment = Payment.objects.filter(pk=payment_id).exclude(provider__in=SETTLED_HERE).first()
    if payment is None:
        raise NotFound("There is no such payment.")
    if not payment.provider_reference:
        raise ProviderBusy("The provider has not confirmed this payment yet.")
    with calling():
        try:
            snapshot = gateway_of(payment.provider).look_up(payment.provider_reference)
        except Unclear as unclear:
            raise ProviderBusy() from unclear
        except Declined as refusal:
            if refusal.code == "not_found":
                forget_attempt(payment_id=payment_id, by=by)
            raise ProviderRefused(refusal.detail, provider_code=refusal.code) from refusal
    settle(payment_id=payment_id, snapshot=snapshot, by=by)
    return snapshot
