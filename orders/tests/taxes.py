"""A shop that asks the Stripe of a sandbox for taxes."""

from decimal import Decimal
from typing import Any

import httpx
from django.core.cache import cache

from orders.models import Order, TaxDocument, TaxOperation
from orders.tax.asking import ask_ahead, pause
from orders.tax.booking import remember_calculation
from orders.tax.provider import TaxAnswer, TaxedLine, TaxRequest, provider_named
from sandbox.testing import RunningSandbox


def with_stripe_tax(settings: Any, sandbox: RunningSandbox, **more: Any) -> None:
    """Taxes are asked of this sandbox, of which nothing is remembered."""
    for name, value in (sandbox.settings | {"TAX_PROVIDER": "stripe", "TAX_SECONDS": 1.0} | more).items():
        setattr(settings, name, value)
    provider_named.cache_clear()
    sandbox.ask("DELETE", "/knobs")
    pause.end()
    cache.clear()


def asked(*amounts: str, country: str = "DE", **more: Any) -> TaxRequest:
    """Lines L0, L1 … of the standard class to Berlin, or to another country."""
    lines = tuple(TaxedLine(f"L{n}", Decimal(amount), "standard") for n, amount in enumerate(amounts or ("10.00",)))
    usual = {"line1": "1 High Street", "city": "Berlin", "postal_code": "10115", "included": False}
    return TaxRequest(currency="EUR", lines=lines, country=country, **(usual | more))


def answered(request: TaxRequest) -> TaxAnswer:
    answer = ask_ahead(request)
    assert answer is not None
    return answer


def document_of(order: Order) -> TaxDocument:
    """The order, its whole total calculated by Stripe as if it went where nothing is due."""
    answer = answered(asked(f"{order.total:.2f}", country="JP"))
    assert answer.total == order.total
    return remember_calculation(
        order_id=order.pk, provider="stripe", calculation=answer.calculation, amount=answer.total
    )


def at_stripe(sandbox: RunningSandbox, transaction: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {sandbox.settings['STRIPE_SECRET_KEY']}"}
    with httpx.Client(trust_env=False, headers=headers) as client:
        answer = client.get(
            f"{sandbox.stripe_url}/v1/tax/transactions/{transaction}", params={"expand[]": "line_items"}
        )
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def told(order: Order) -> list[tuple[str, str, Decimal, str]]:
    """What the provider is told of the order: kind, cause, amount and state, the oldest first."""
    rows = TaxOperation.objects.filter(document__order=order).order_by("pk")
    return list(rows.values_list("kind", "cause", "amount", "state"))
