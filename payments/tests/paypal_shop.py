"""A shop with keys for the PayPal of a sandbox, which runs as a process of its own."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from payments.gateways.base import Money, Request, Snapshot
from payments.gateways.paypal import PayPalGateway
from sandbox.testing import RunningSandbox, start_sandbox

BACK = "http://shop.example/orders/7?step=paid"


@contextmanager
def running(home: Path) -> Iterator[RunningSandbox]:
    """Its webhooks are held: nobody listens."""
    with start_sandbox(home=home, shop_url="") as sandbox:
        yield sandbox


def gateway_to(sandbox: RunningSandbox, settings: Any, **more: Any) -> PayPalGateway:
    """Give the shop these keys, as long as the test runs."""
    for name, value in (sandbox.settings | {"PAYMENT_READ_SECONDS": 5.0} | more).items():
        setattr(settings, name, value)
    return PayPalGateway()


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def request(amount: str = "50.00", currency: str = "EUR", *, capture_at_once: bool = True) -> Request:
    payment_id = uuid.uuid4()
    return Request(
        payment_id=payment_id,
        order_number="W-1001",
        money=Money(Decimal(amount), currency),
        capture_at_once=capture_at_once,
        return_url=BACK,
        key=key(),
    )


def key() -> str:
    return f"waybill-{uuid.uuid4().hex}-0"


def approve(sandbox: RunningSandbox, snapshot: Snapshot, *, payer: str = "") -> None:
    """What the customer does at PayPal; `payer` says what comes of it."""
    sandbox.ask("POST", f"/paypal/_test/orders/{snapshot.reference}/approve", {"payer": payer})


def help_with(sandbox: RunningSandbox, path: str, **body: Any) -> dict[str, Any]:
    return sandbox.ask("POST", f"/paypal/_test/{path}", body)


def approved(sandbox: RunningSandbox, gateway: PayPalGateway, asked: Request, *, payer: str = "") -> Snapshot:
    opened = gateway.create(asked)
    approve(sandbox, opened, payer=payer)
    return opened


def paid(sandbox: RunningSandbox, gateway: PayPalGateway, asked: Request | None = None, *, payer: str = "") -> Snapshot:
    """Approved and completed: captured or authorised."""
    opened = approved(sandbox, gateway, asked or request(), payer=payer)
    return gateway.complete(opened.reference, key=key())
