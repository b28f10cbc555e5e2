"""Stripe Tax by its SDK, with the keys of the gateway: https://docs.stripe.com/tax/custom

One calculation for each basket, one transaction for each paid order, one reversal each time money goes back.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from uuid import uuid4

import stripe
from django.conf import settings

from kernel.money import ZERO
from orders.tax.provider import (
    ALL_TAKEN_BACK,
    REFERENCE_TAKEN,
    LineTax,
    TaxAnswer,
    TaxDeclined,
    TaxedLine,
    TaxRequest,
    TaxUnclear,
)
from payments.gateways.base import Declined, Money
from payments.gateways.stripe_facts import Document, from_units, to_units

OVERRIDES = {"exempt": "customer_exempt", "reverse_charge": "reverse_charge"}
BREAKDOWN = ("line_items.data.tax_breakdown", "shipping_cost.tax_breakdown")


class StripeTax:
    """Raises `TaxDeclined` and `TaxUnclear` only. The SDK repeats nothing: whoever asked decides."""

    def __init__(self) -> None:
        seconds = settings.TAX_SECONDS
        # A quote has somebody waiting; a booking is made by a worker.
        self.quick = _client(min(settings.PAYMENT_CONNECT_SECONDS, seconds), seconds)
        self.patient = _client(settings.PAYMENT_CONNECT_SECONDS, settings.PAYMENT_READ_SECONDS)

    def quote(self, document: TaxRequest) -> TaxAnswer:
        with _asking():
            params: Any = _calculation(document)
            found = self.quick.v1.tax.calculations.create(params)
        with _reading():
            return _answer(document, found.to_dict())

    def commit(self, calculation: str, *, reference: str) -> str:
        params: Any = {"calculation": calculation, "reference": reference}
        return _once(
            reference,
            lambda options: self.patient.v1.tax.transactions.create_from_calculation(params, options),
        )

    def void(self, transaction: str, *, reference: str) -> str:
        return self._reverse(reference, {"mode": "full", "original_transaction": transaction})

    def refund(self, transaction: str, *, reference: str, amount: Decimal, currency: str) -> str:
        with _asking():
            units = to_units(Money(amount, currency))
        params = {"mode": "partial", "original_transaction": transaction, "flat_amount": -units}
        return self._reverse(reference, params)

    def _reverse(self, reference: str, said: Document) -> str:
        params: Any = {"reference": reference} | said
        return _once(reference, lambda options: self.patient.v1.tax.transactions.create_reversal(params, options))


def _client(connect: float, read: float) -> stripe.StripeClient:
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY,
        base_addresses={"api": settings.STRIPE_API_URL.rstrip("/")},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(connect, read)),
    )


def _once(reference: str, ask: Callable[[Any], Any]) -> str:
    """With the reference as its key too, so that a repeated call gives the id of what it brought about at first.

    Stripe also repeats a failure that it has kept for a key. Another key is safe then, since a reference is taken
    only once, whatever the key.
    """
    try:
        with _asking():
            return str(ask({"idempotency_key": f"tax-{reference}"}).id)
    except TaxUnclear as unclear:
        if not _is_kept(unclear.__cause__):
            raise
    with _asking():
        return str(ask({"idempotency_key": f"tax-{reference}-{uuid4().hex}"}).id)


def _is_kept(error: BaseException | None) -> bool:
    return isinstance(error, stripe.StripeError) and (error.headers or {}).get("Idempotent-Replayed") == "true"


@contextmanager
def _asking() -> Iterator[None]:
    """Stripe's errors as those of the seam."""
    try:
        yield
    except Declined as refusal:  # an amount that Stripe cannot say
        raise TaxDeclined(refusal.code, refusal.detail) from refusal
    except stripe.InvalidRequestError as error:
        raise TaxDeclined(_code(error), str(error)[:400]) from error
    except stripe.StripeError as error:
        raise TaxUnclear(str(error)[:400]) from error


def _code(error: stripe.InvalidRequestError) -> str:
    if error.code == "resource_already_exists" or error.param == "reference":
        return REFERENCE_TAKEN
    # Stripe has no code for this.
    return ALL_TAKEN_BACK if "fully reversed" in str(error) else error.code or "refused"


@contextmanager
def _reading() -> Iterator[None]:
    """An answer that cannot be read is as good as none."""
    try:
        yield
    except (KeyError, TypeError, ValueError, ArithmeticError) as problem:
        raise TaxUnclear(f"Its answer cannot be used: {type(problem).__name__}.") from problem


def _calculation(document: TaxRequest) -> Document:
    behavior = "inclusive" if document.included else "exclusive"
    customer: Document = {"address": _address(document), "address_source": "shipping"}
    if document.relief:
        customer["taxability_override"] = OVERRIDES[document.relief]
    params: Document = {
        "currency": document.currency.lower(),
        "customer_details": customer,
        "line_items": [
            {"reference": line.reference, "tax_behavior": behavior}
            | _taxed(line.amount, line.tax_class, document.currency)
            for line in _told(document)
        ],
        "expand": list(BREAKDOWN[:1]),
    }
    if _tells_shipping(document):
        params["shipping_cost"] = {"tax_behavior": behavior} | _taxed(
            document.shipping, document.shipping_class, document.currency
        )
        params["expand"] = list(BREAKDOWN)
    return params


def _told(document: TaxRequest) -> list[TaxedLine]:
    """Stripe takes amounts above 0 only; nothing is due on the others."""
    return [line for line in document.lines if line.tax_class and line.amount > 0]


def _tells_shipping(document: TaxRequest) -> bool:
    return bool(document.shipping_class) and document.shipping > 0


def _address(document: TaxRequest) -> Document:
    said = {
        "line1": document.line1,
        "city": document.city,
        "state": document.region,
        "postal_code": document.postal_code,
    }
    return {name: value for name, value in said.items() if value} | {"country": document.country}


def _taxed(amount: Decimal, tax_class: str, currency: str) -> Document:
    code = settings.TAX_STRIPE_CODES.get(tax_class)
    return {"amount": to_units(Money(amount, currency))} | ({"tax_code": code} if code else {})


def _answer(document: TaxRequest, found: Document) -> TaxAnswer:
    lines = {line.reference: LineTax() for line in document.lines}
    for item in found["line_items"]["data"]:
        lines[item["reference"]] = _line_tax(item, document.currency)
    shipping = found.get("shipping_cost")
    return TaxAnswer(
        calculation=found["id"],
        lines=lines,
        shipping=_line_tax(shipping, document.currency) if shipping else LineTax(),
        total=from_units(found["amount_total"], document.currency),
    )


def _line_tax(item: Document, currency: str) -> LineTax:
    """Where several authorities tax a thing, their rates are added up and all are named."""
    due = [part["tax_rate_details"] for part in item.get("tax_breakdown") or [] if part["amount"]]
    percent = sum((Decimal(each["percentage_decimal"]) for each in due), ZERO)
    names = dict.fromkeys(each["display_name"] for each in due)
    return LineTax(
        amount=from_units(item["amount_tax"], currency),
        rate=(percent / 100).quantize(Decimal("0.000001")),
        name=f"{', '.join(names)} {percent.normalize():f} %"[:100] if names else "",
    )
