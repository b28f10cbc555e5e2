"""What payments hold about a person: what they paid, got back, and put onto gift cards."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.personal_data.registry import proven_email
from audit.erasing import overwrite_past
from kernel.money import format_amount
from orders.models import Order, OrderTransition
from orders.personal_data import orders_of, typed
from payments.models import (
    Difference,
    Dispute,
    GiftCard,
    GiftCardEntry,
    MoneyCase,
    Operation,
    Payment,
    Refund,
    WebhookEvent,
)
from payments.serializers import PaymentSerializer
from payments.states import DisputeStatus, GiftCardEntryKind, OperationState, PaymentStatus

UNDER_WAY = (PaymentStatus.UNKNOWN, PaymentStatus.AUTHORIZED)
ASKED = (OperationState.PENDING, OperationState.UNKNOWN)


def export(user: User) -> dict[str, Any]:
    """Payments with their refunds and disputes, and gift cards without their codes."""
    payments = _payments(user).select_related("order").prefetch_related("refunds__lines").order_by("created_at")
    shown = PaymentSerializer(payments, many=True, context={"is_staff": False})
    disputes = Dispute.objects.filter(payment__in=payments).values(
        "payment", "status", "reason", "opened_at", "closed_at"
    )
    return {
        "payments": shown.data,
        "disputes": list(disputes),
        "gift-cards": [_shown(card, user) for card in _cards(user).order_by("pk")],
    }


def unfinished(user: User) -> Iterator[str]:
    """Money on its way, questions to providers without an answer, disputes, and cases a person has to decide."""
    orders = orders_of(user)
    payments = list(_payments(user).select_for_update(of=("self",)).order_by("pk"))
    asked = Operation.objects.filter(payment__in=payments, state__in=ASKED)
    if any(_is_under_way(payment) for payment in payments) or asked.exists():
        yield "Payments or refunds are under way."
    if MoneyCase.objects.filter(Q(order__in=orders) | Q(payment__in=payments), resolved_at=None).exists():
        yield "A question about money is open."
    if Dispute.objects.filter(payment__in=payments, status=DisputeStatus.OPEN).exists():
        yield "A payment is disputed."


def erase(user: User, pseudonym: str) -> None:
    """Leave every amount. Texts go, and where a provider's page led back to."""
    orders = list(orders_of(user).values_list("pk", flat=True))
    payments = list(_payments(user).values_list("pk", flat=True))
    nothing = {"note": "", "return_url": ""}
    Payment.objects.filter(pk__in=payments).update(**nothing)
    overwrite_past(Payment, payments, **nothing)
    _erase_reasons(orders, payments)
    _erase_gift_cards(user)
    _erase_words_of_others(orders, payments)


def _payments(user: User) -> "QuerySet[Payment]":
    return Payment.objects.filter(order__in=orders_of(user))


def _is_under_way(payment: Payment) -> bool:
    return bool(payment.capturing or payment.refunding or payment.status in UNDER_WAY)


def _cards(user: User) -> "QuerySet[GiftCard]":
    orders, email = orders_of(user), proven_email(user)
    sent = Q(recipient_email=email) if email else Q(pk=None)
    cards = GiftCard.objects.filter(Q(bought_with__order__in=orders) | Q(payments__order__in=orders) | sent)
    return GiftCard.objects.filter(pk__in=cards.values("pk"))


def _shown(card: GiftCard, user: User) -> dict[str, Any]:
    spent = card.payments.filter(order__in=orders_of(user)).values_list("order__number", "captured")
    return {
        "last4": card.last4,
        "currency": card.currency,
        "balance": format_amount(card.balance, card.currency),
        "recipient_email": card.recipient_email,
        "expires_at": card.expires_at,
        "created_at": card.created_at,
        "bought_with": card.bought_with.order.number if card.bought_with else None,
        "spent_on": [{"order": number, "amount": format_amount(amount, card.currency)} for number, amount in spent],
    }


def _erase_reasons(orders: list[int], payments: list[Any]) -> None:
    """What people typed as the reason of a refund, or of the cancellation it followed from. The cause stays."""
    said = set(typed(Order.objects.filter(pk__in=orders), "cancel_reason").values_list("cancel_reason", flat=True))
    by_people = OrderTransition.objects.filter(order__in=orders).exclude(actor__startswith="system:")
    said |= set(by_people.exclude(reason="").values_list("reason", flat=True))
    refunds = Refund.objects.filter(payment__in=payments)
    written = refunds.filter(~Q(created_by__startswith="system:") | Q(reason__in=said))
    ids = list(written.values_list("pk", flat=True))
    Refund.objects.filter(pk__in=ids).update(reason="")
    overwrite_past(Refund, ids, reason="")


def _erase_gift_cards(user: User) -> None:
    """Those they bought or were sent. One that was only spent here may be somebody else's gift."""
    email = proven_email(user)
    sent = Q(recipient_email=email) if email else Q(pk=None)
    cards = GiftCard.objects.filter(Q(bought_with__order__in=orders_of(user)) | sent)
    ids = list(cards.values_list("pk", flat=True))
    nothing = {"recipient_email": "", "note": ""}
    GiftCard.objects.filter(pk__in=ids).update(**nothing)
    overwrite_past(GiftCard, ids, **nothing)
    GiftCardEntry.objects.filter(card__in=ids, kind=GiftCardEntryKind.ADJUSTED).update(reason="")


def _erase_words_of_others(orders: list[int], payments: list[Any]) -> None:
    """What staff resolved, and what providers and networks answered."""
    cases = MoneyCase.objects.filter(Q(order__in=orders) | Q(payment__in=payments))
    ids = list(cases.values_list("pk", flat=True))
    MoneyCase.objects.filter(pk__in=ids).update(resolution="")
    overwrite_past(MoneyCase, ids, resolution="")
    Difference.objects.filter(payment__in=payments).update(resolution="")
    Operation.objects.filter(payment__in=payments).update(last_error="")
    references = Payment.objects.filter(pk__in=payments).exclude(provider_reference="").values("provider_reference")
    WebhookEvent.objects.filter(payment_reference__in=references).update(last_error="")
