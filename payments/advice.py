"""What a person should do about each kind of money case, in a sentence."""

from payments.states import CaseKind

ADVICE: dict[str, str] = {
    CaseKind.PAYMENT_MISMATCH: "Compare the order with the provider's page of this payment; refund there what was "
    "taken wrongly, and let the customer pay again.",
    CaseKind.OVERPAID: "More has arrived than is due. Refund the difference, or agree with the customer what else "
    "it is for.",
    CaseKind.REFUND_FAILED: "The money did not reach the customer. Ask for another account and refund again, or pay "
    "it out by hand.",
    CaseKind.CAPTURE_FAILED: "The authorised money could not be taken. Ask the customer to pay again before anything "
    "more is sent.",
    CaseKind.AUTHORIZATION_ENDS: "Pack and ship now, or take the money by hand; afterwards the customer has to pay "
    "anew.",
    CaseKind.DISPUTE: "Answer at the provider before its deadline, with proof of delivery, or accept it; nothing "
    "leaves the house meanwhile.",
    CaseKind.STUCK: "Look the payment up at the provider. If it is settled there, the next reconciliation takes it "
    "over; if the provider is away, wait.",
}


def advice_on(kind: str) -> str:
    return ADVICE[kind]
