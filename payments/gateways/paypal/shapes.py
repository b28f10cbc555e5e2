"""What PayPal is sent, in the shapes of its Orders v2 and Payments v2 references."""

from decimal import Decimal

from paypalserversdk.api_helper import APIHelper
from paypalserversdk.models.amount_with_breakdown import AmountWithBreakdown
from paypalserversdk.models.capture_request import CaptureRequest
from paypalserversdk.models.money import Money as PayPalMoney
from paypalserversdk.models.order_request import OrderRequest
from paypalserversdk.models.payee_base import PayeeBase
from paypalserversdk.models.payment_source import PaymentSource
from paypalserversdk.models.paypal_wallet import PaypalWallet
from paypalserversdk.models.paypal_wallet_experience_context import PaypalWalletExperienceContext
from paypalserversdk.models.purchase_unit_request import PurchaseUnitRequest
from paypalserversdk.models.refund_request import RefundRequest

from kernel.money import format_amount
from payments.gateways.base import Money, Request

# PayPal takes no decimals of these, though ISO 4217 has them:
# https://developer.paypal.com/reference/currency-codes/
_WHOLE_ONLY = frozenset({"HUF", "TWD"})
_NOTE_LENGTH = 255


def amount_value(money: Money) -> str:
    """The amount as PayPal writes it. A fraction it does not take is left in, for it to refuse."""
    if money.currency in _WHOLE_ONLY and money.amount == money.amount.to_integral_value():
        return f"{money.amount.quantize(Decimal(1)):f}"
    return format_amount(money.amount, money.currency)


def order_request(request: Request, *, payee: str) -> OrderRequest:
    """One purchase unit that carries our ids, to be approved in PayPal's wallet and come back to `return_url`."""
    return OrderRequest(
        intent="CAPTURE" if request.capture_at_once else "AUTHORIZE",
        purchase_units=[
            PurchaseUnitRequest(
                amount=AmountWithBreakdown(request.money.currency, amount_value(request.money)),
                payee=PayeeBase(merchant_id=payee),
                description=f"Order {request.order_number}",
                custom_id=str(request.payment_id),
                invoice_id=f"{request.order_number}-{request.payment_id.hex[:8]}",
            )
        ],
        payment_source=PaymentSource(
            paypal=PaypalWallet(
                experience_context=PaypalWalletExperienceContext(
                    shipping_preference="NO_SHIPPING",  # the address is the order's
                    user_action="PAY_NOW",
                    return_url=request.return_url or APIHelper.SKIP,
                    cancel_url=request.return_url or APIHelper.SKIP,
                )
            )
        ),
    )


def capture_request(money: Money, *, is_last: bool) -> CaptureRequest:
    return CaptureRequest(amount=PayPalMoney(money.currency, amount_value(money)), final_capture=is_last)


def refund_request(money: Money, *, refund_id: int, total: Money, reason: str) -> RefundRequest:
    """The whole of a refund of ours, or one part of it: then its custom id also says how much the whole is."""
    part = "" if money == total else f"-{amount_value(total)}"
    return RefundRequest(
        amount=PayPalMoney(money.currency, amount_value(money)),
        custom_id=f"{refund_id}{part}",
        note_to_payer=reason[:_NOTE_LENGTH] or "Refund",
    )
