"""Stripe's test payment methods and what each does: https://docs.stripe.com/testing"""

from dataclasses import dataclass

from sandbox.stripe.errors import missing

CODE_OF = {"expired_card": "expired_card", "incorrect_cvc": "incorrect_cvc", "processing_error": "processing_error"}
WORDS = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
}


@dataclass(frozen=True, kw_only=True)
class Card:
    """`decline` is the decline code, `refunds` how its refunds go: succeeded, pending or failed."""

    brand: str = "visa"
    last4: str = "4242"
    decline: str = ""
    needs_authentication: bool = False
    is_slow: bool = False
    disputes: bool = False
    refunds: str = "succeeded"

    @property
    def code(self) -> str:
        return CODE_OF.get(self.decline, "card_declined")

    @property
    def message(self) -> str:
        return WORDS.get(self.decline, "Your card was declined.")


CARDS = {
    "pm_card_visa": Card(),
    "pm_card_mastercard": Card(brand="mastercard", last4="4444"),
    "pm_card_amex": Card(brand="amex", last4="8431"),
    "pm_card_chargeDeclined": Card(last4="0002", decline="generic_decline"),
    "pm_card_visa_chargeDeclined": Card(last4="0002", decline="generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": Card(last4="9995", decline="insufficient_funds"),
    "pm_card_visa_chargeDeclinedLostCard": Card(last4="9987", decline="lost_card"),
    "pm_card_visa_chargeDeclinedStolenCard": Card(last4="9979", decline="stolen_card"),
    "pm_card_visa_chargeDeclinedFraudulent": Card(last4="0019", decline="fraudulent"),
    "pm_card_chargeDeclinedExpiredCard": Card(last4="0069", decline="expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": Card(last4="0127", decline="incorrect_cvc"),
    "pm_card_chargeDeclinedProcessingError": Card(last4="0119", decline="processing_error"),
    "pm_card_threeDSecure2Required": Card(last4="3220", needs_authentication=True),
    "pm_card_authenticationRequired": Card(last4="3184", needs_authentication=True),
    "pm_card_createDispute": Card(last4="0259", disputes=True),
    "pm_card_pendingRefund": Card(last4="7726", refunds="pending"),
    "pm_card_refundFail": Card(last4="5126", refunds="failed"),
    # A bank debit: accepted at once, paid days later. The helper `settle` decides.
    "pm_usBankAccount": Card(brand="bank", last4="6789", is_slow=True),
}


def card(payment_method: str) -> Card:
    """Raises the refusal that Stripe gives for a payment method it does not know."""
    if payment_method not in CARDS:
        raise missing("PaymentMethod", payment_method, param="payment_method", status=400)
    return CARDS[payment_method]
