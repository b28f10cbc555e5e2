"""Paying an order with a gift card."""

from decimal import Decimal

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.money import format_amount
from orders.actions import guard, refusal
from orders.models import Order
from orders.services.read import lock_order
from payments.errors import PaymentMismatch
from payments.events import PaymentCaptured
from payments.gift_cards.errors import GiftCardInsufficient, GiftCardNotUsable
from payments.gift_cards.services.balance import usable_card
from payments.gift_cards.services.ledger import Cause, take
from payments.models import GiftCard, Payment
from payments.services.amounts import checked
from payments.services.totals import tell_order
from payments.states import GiftCardEntryKind, PaymentStatus, Provider


@verb
def spend_gift_card(*, order_id: int, code: str, amount: Decimal | None = None, by: Actor) -> Payment:
    """Pay from the card of this code; without `amount`, as much as is due and the card holds.

    Raises `NotAllowedNow` (paid or cancelled, or it buys gift cards), `GiftCardNotUsable`, `GiftCardInsufficient`,
    `Invalid` (decimals) and `PaymentMismatch` (more than is due, another currency).
    """
    order = lock_order(order_id)
    guard("pay", order)
    if order.lines.filter(product__is_gift_card=True).exists():
        raise refusal(order, "An order with gift cards in it cannot be paid by gift card.", field="provider")
    card = usable_card(code)
    if card.currency != order.currency:
        raise PaymentMismatch(f"The gift card is in {card.currency}, the order in {order.currency}.", field="code")
    spent = _how_much(card, order, amount)
    payment = Payment.objects.create(
        order=order,
        provider=Provider.GIFT_CARD,
        status=PaymentStatus.CAPTURED,
        amount=spent,
        currency=order.currency,
        authorized=spent,
        captured=spent,
        gift_card=card,
        created_by=str(by),
    )
    if take(card, spent, Cause(kind=GiftCardEntryKind.SPENT, by=by, payment=payment, reason=order.number)) is None:
        raise _lost_race(card, spent)
    order = tell_order(order.pk, by=by)
    publish(PaymentCaptured(order_id=order.pk, version=order.version, payment_id=str(payment.pk)), by=by)
    payment.order = order
    return payment


def _how_much(card: GiftCard, order: Order, amount: Decimal | None) -> Decimal:
    # What is authorised elsewhere is as good as paid: a second payment for it would have to go back.
    money = order.money()
    due = min(money.outstanding, order.due - order.authorized_total + order.refunded_total)
    if due <= 0:
        raise refusal(order, "All that is due is authorised already.")
    if card.balance == 0:
        raise _insufficient(card)
    if amount is None:
        return min(card.balance, due)
    wanted = checked(amount, order.currency)
    if wanted > due:
        raise PaymentMismatch(f"Only {format_amount(due, order.currency)} {order.currency} is due.", field="amount")
    if wanted > card.balance:
        raise _insufficient(card)
    return wanted


def _insufficient(card: GiftCard) -> GiftCardInsufficient:
    left = format_amount(card.balance, card.currency)
    return GiftCardInsufficient(f"The gift card holds {left} {card.currency}.", field="amount", balance=left)


def _lost_race(card: GiftCard, wanted: Decimal) -> GiftCardInsufficient | GiftCardNotUsable:
    """Others were faster between the look and the update."""
    card.refresh_from_db()
    return _insufficient(card) if card.balance < wanted else GiftCardNotUsable(field="code")
