"""The provider's book of an order: committed when it is paid, and taken back as money goes back.

What a provider is to be told is written down in the transaction of the handler that decides it, as an operation. A
worker then tells it outside any transaction (`orders.tax.telling`).
"""

from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from api.actors import Actor
from audit.hints import hint
from audit.verbs import verb
from kernel.errors import NotAllowedNow, NotFound
from kernel.money import ZERO
from orders.models import Order, TaxDocument, TaxOperation
from orders.states import Status
from orders.tax.asking import forget_calculation

COMMIT = "paid"
CANCELLED = "cancelled:"
TELL = "orders.tasks.tell_tax_provider"


def remember_calculation(
    *, order_id: int, provider: str, calculation: str, amount: Decimal | None = None
) -> TaxDocument:
    """Keep what the taxes of an order were calculated by, in the transaction that places it.

    `amount` is what the calculation is about, tax included (`TaxAnswer.total`); by default the order's whole total.
    """
    if amount is None:
        amount = Order.objects.values_list("total", flat=True).get(pk=order_id)
    forget_calculation(calculation)
    return TaxDocument.objects.create(order_id=order_id, provider=provider, calculation=calculation, amount=amount)


@verb
def commit_when_paid(*, order_id: int, by: Actor) -> None:
    """Have a paid order booked, once; nothing for one without a calculation or whose money went back already."""
    document = _lock_document(order_id)
    if document is None or _is_committed(document):
        return
    order = Order.objects.get(pk=order_id)
    wanted = wanted_book(order, document)
    if order.paid_at is None or wanted <= 0:
        return
    _file(document, TaxOperation.Kind.COMMIT, COMMIT, document.amount)
    # Units that were cancelled before it was paid, and whatever else was heard of first.
    if wanted < document.amount:
        _file(document, TaxOperation.Kind.REVERSE, f"{CANCELLED}{order.version}", document.amount - wanted)


@verb
def take_back_cancelled(*, order_id: int, by: Actor) -> None:
    """Have the part taken back that is cancelled and was never captured; what was captured follows its refunds."""
    document = _lock_document(order_id)
    if document is None:
        return
    order = Order.objects.get(pk=order_id)
    if _is_committed(document):
        earlier = _taken_back(document, cause__startswith=CANCELLED)
        _take_back(document, order, f"{CANCELLED}{order.version}", at_most=order.cancelled_total - earlier)
    elif order.status == Status.CANCELLED:
        # A calculation that was never booked ends by itself.
        document.state = TaxDocument.State.VOIDED
        document.save(update_fields=["state"])


@verb
def take_back_refunded(*, order_id: int, cause: str, amount: Decimal, by: Actor) -> None:
    """Have the tax of a refund taken back, once per cause. `amount` is what of it was taxed, tax included."""
    document = _lock_document(order_id)
    if document is not None and _is_committed(document):
        _take_back(document, Order.objects.get(pk=order_id), cause, at_most=amount)


@verb
def tell_again(*, operation_id: int, by: Actor) -> TaxOperation:
    """Put an operation that the provider declined back to work. Raises `NotFound`, `NotAllowedNow`."""
    operation = TaxOperation.objects.select_for_update().filter(pk=operation_id).first()
    if operation is None:
        raise NotFound("There is no such operation.")
    if operation.state != TaxOperation.State.FAILED:
        raise NotAllowedNow("Only what the provider has declined can be tried again.")
    operation.state, operation.attempts, operation.finished_at = TaxOperation.State.PENDING, 0, None
    operation.due_at = timezone.now()
    operation.save(update_fields=["state", "attempts", "finished_at", "due_at"])
    _hint(operation.pk)
    return operation


def wanted_book(order: Order, document: TaxDocument) -> Decimal:
    """What the provider's book should say: what was captured less what went back, and what is still held to be
    captured. What the calculation is not about, such as gift cards, is counted as kept.
    """
    money = order.money()
    net = order.captured_total - order.refunded_total
    held = max(order.authorized_total - order.captured_total, ZERO) if money.counts_authorized else ZERO
    coming = min(held, max(order.due - net, ZERO))
    untaxed = order.total - document.amount if order.status != Status.CANCELLED else ZERO
    return min(max(net + coming - untaxed, ZERO), document.amount)


def _take_back(document: TaxDocument, order: Order, cause: str, *, at_most: Decimal) -> None:
    booked = document.amount - _taken_back(document)
    amount = min(booked - wanted_book(order, document), at_most)
    if amount <= 0 or document.operations.filter(cause=cause).exists():
        return
    is_all = amount == document.amount
    _file(document, TaxOperation.Kind.VOID if is_all else TaxOperation.Kind.REVERSE, cause, amount)


def _file(document: TaxDocument, kind: str, cause: str, amount: Decimal) -> None:
    operation = TaxOperation.objects.create(document=document, kind=kind, cause=cause, amount=amount)
    _hint(operation.pk)


def _is_committed(document: TaxDocument) -> bool:
    """Or will be: the reversals wait for it."""
    return document.operations.filter(kind=TaxOperation.Kind.COMMIT).exists()


def _taken_back(document: TaxDocument, **narrowed: str) -> Decimal:
    reversals = document.operations.exclude(kind=TaxOperation.Kind.COMMIT).filter(**narrowed)
    found: Decimal = reversals.aggregate(sum=Sum("amount", default=ZERO))["sum"]
    return found


def _hint(operation_id: int) -> None:
    transaction.on_commit(lambda: hint(TELL, str(operation_id), queue="money"), robust=True)


def _lock_document(order_id: int) -> TaxDocument | None:
    return TaxDocument.objects.select_for_update(no_key=True).filter(order_id=order_id).first()
