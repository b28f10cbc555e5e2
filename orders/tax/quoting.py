"""A basket's taxes as a provider says them; its tables stand in where it does not answer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from django.conf import settings
from django.db import connection

from kernel.money import ZERO
from orders.pricing.ledger import Ledger
from orders.pricing.quote import Quote, Untaxed, finish
from orders.pricing.tax import Tax
from orders.tax.asking import ask_ahead, asks_provider, cached_answer
from orders.tax.provider import ADDRESS, LineTax, TaxAnswer, TaxedLine, TaxRequest


@dataclass(frozen=True, slots=True)
class Calculation:
    """What the provider calls its answer, and the total it is about."""

    id: str
    total: Decimal


def tax(untaxed: Untaxed, address: Mapping[str, str], *, ask: bool) -> tuple[Quote, Calculation | None]:
    """The quote with its taxes. `ask`: the provider may be asked now; within a transaction only what it has answered
    lately is used. Without an answer the tables stand, marked `estimated`.
    """
    if not asks_provider() or not untaxed.ledger.items:
        return finish(untaxed), None
    request = _request(untaxed, address)
    answer = ask_ahead(request) if ask and not connection.in_atomic_block else cached_answer(request)
    if answer is None:
        estimated = replace(untaxed.terms.tax, estimated=True)
        return finish(replace(untaxed, terms=replace(untaxed.terms, tax=estimated))), None
    return finish(untaxed, _taxes(untaxed, answer)), Calculation(answer.calculation, answer.total)


def _request(untaxed: Untaxed, address: Mapping[str, str]) -> TaxRequest:
    terms, shipping = untaxed.terms, untaxed.shipping
    return TaxRequest(
        currency=terms.currency,
        included=terms.tax.included,
        lines=tuple(
            TaxedLine(str(n), left, _class_of(untaxed.ledger, n)) for n, left in enumerate(untaxed.ledger.left)
        ),
        shipping=shipping.net if shipping else ZERO,
        shipping_class=terms.tax.shipping_class if shipping else "",
        relief=terms.tax.relief,
        **{name: address.get(name, "") for name in ADDRESS},
    )


def _class_of(ledger: Ledger, n: int) -> str:
    item = ledger.items[n]
    return "" if item.is_gift_card else item.tax_class


def _taxes(untaxed: Untaxed, answer: TaxAnswer) -> list[Tax]:
    """As `finish` takes them: each line's, then the shipping's."""
    bases = [
        (left, _class_of(untaxed.ledger, n), answer.lines.get(str(n), LineTax()))
        for n, left in enumerate(untaxed.ledger.left)
    ]
    if untaxed.shipping is not None:
        bases.append((untaxed.shipping.net, untaxed.terms.tax.shipping_class, answer.shipping))
    return [_tax(untaxed, base, tax_class, said) for base, tax_class, said in bases]


def _tax(untaxed: Untaxed, base: Decimal, tax_class: str, said: LineTax) -> Tax:
    terms = untaxed.terms.tax
    included = terms.included and not terms.relief
    return Tax(
        name=(said.name or ("Tax" if terms.relief else "")) if tax_class else "",
        rate=said.rate,
        base=base,
        added=ZERO if included else said.amount,
        included=said.amount if included else ZERO,
        tax_class=tax_class,
        source=settings.TAX_PROVIDER,
        reason=terms.relief,
    )
