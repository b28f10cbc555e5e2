"""Webhooks in their hundreds, each one to five times, shuffled, twenty at once: our books become the provider's.

`WAYBILL_SEED` repeats the amounts, the copies and the shuffling; how threads interleave repeats only so far.
"""

import os
import random
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from audit.models import LogEntry
from orders.tests.factories import TESTS, buyable, place
from payments.gateways.registry import gateway_of
from payments.gateways.stripe import EVENTS, StripeGateway
from payments.models import Capture, Operation, Payment, Refund, WebhookEvent
from payments.services import Wanted, look_up_and_settle, perform_due, perform_quietly, refund_payment
from payments.services.inbox import process_due, store
from payments.services.queue import UNFINISHED
from payments.states import InboxState
from payments.tests.factories import broken_promises
from payments.tests.stripe_orders import opened_payment, told
from payments.tests.stripe_shop import SECRET, at_stripe, event, pay, signature, with_stripe
from sandbox.testing import RunningSandbox, start_sandbox
from tests.concurrency.racing import at_once, outcomes
from tests.conftest import Processes

pytestmark = pytest.mark.django_db(transaction=True)
CREW = 4
AT_ONCE = 20
PATIENCE_SECONDS = 120
# What a payment's book says: what was captured, and each refund by its id.
Book = dict[str, tuple[Decimal, dict[str, Decimal]]]


@pytest.fixture
def seed() -> int:
    chosen = int(os.environ.get("WAYBILL_SEED") or secrets.randbelow(2**32))
    print(f"WAYBILL_SEED={chosen}")  # noqa: T201  pytest shows it when the test fails
    return chosen


@pytest.fixture
def sandbox(processes: Processes, tmp_path: Path) -> Iterator[RunningSandbox]:
    """Knows the shop's address; the shop's web process is not running yet."""
    with start_sandbox(home=tmp_path / "sandbox", shop_url=processes.url) as running:
        processes.environment |= running.environment
        yield running


@pytest.fixture
def stripe(settings: Any, sandbox: RunningSandbox) -> Iterator[StripeGateway]:
    yield with_stripe(settings, sandbox)
    gateway_of.cache_clear()


@contextmanager
def inbox_crew() -> Iterator[None]:
    """Workers that empty the inbox, as many at once as a large shop would have."""
    is_over = Event()

    def work() -> None:
        try:
            while not is_over.is_set():
                if not process_due():
                    time.sleep(0.05)
        finally:
            connection.close()

    crew = [Thread(target=work) for _ in range(CREW)]
    for worker in crew:
        worker.start()
    try:
        yield
    finally:
        is_over.set()
        for worker in crew:
            worker.join()


def wait_until_the_inbox_is_empty(payments: int) -> None:
    """As long as that many payments may take to be looked up."""
    deadline = time.monotonic() + PATIENCE_SECONDS + payments
    while WebhookEvent.objects.filter(state=InboxState.RECEIVED).exists():
        assert time.monotonic() < deadline, list(WebhookEvent.objects.values_list("state", "attempts", "last_error"))
        time.sleep(0.1)


def euros(chance: random.Random) -> Decimal:
    return Decimal(chance.randint(1, 900)) / 100


def refund_here(payment: Payment, amount: Decimal) -> None:
    refund = refund_payment(payment_id=payment.pk, wanted=Wanted(amount=amount), reason="Goodwill", by=TESTS)
    perform_quietly(Operation.objects.get(refund=refund).pk)


def refund_there(sandbox: RunningSandbox, payment: Payment, amount: Decimal) -> None:
    at_stripe(sandbox, "POST", "/v1/refunds", payment_intent=payment.provider_reference, amount=int(amount * 100))


def trade(stripe: StripeGateway, sandbox: RunningSandbox, *, count: int, chance: random.Random) -> list[Payment]:
    """Customers pay. Of every second one the browser comes back and the shop refunds a part, which Stripe's answer
    to may be lost; all others, and second parts, are refunded at Stripe, of which only webhooks tell."""
    buyable("MUG", price="20.00", quantity=count)
    payments = []
    for _ in range(count):
        payment, opened = opened_payment(stripe, order=place(("MUG", 1)))
        pay(sandbox, opened)
        payments.append(payment)
    for payment in payments[::2]:
        look_up_and_settle(payment_id=payment.pk, by=TESTS)
    lost = sandbox.knob(
        effect="drop_answer", provider="stripe", method="POST", path="/refunds$", probability=0.5,
        seed=chance.randrange(1000),
    )  # fmt: skip
    for payment in payments[::2]:
        refund_here(payment, euros(chance))
    sandbox.ask("DELETE", f"/knobs/{lost}")
    for payment in payments[1::2] + payments:
        refund_there(sandbox, payment, euros(chance))
    return payments


def finish_what_was_unclear() -> None:
    """The sweep, when its time has come."""
    Operation.objects.filter(state__in=UNFINISHED).update(due_at=timezone.now())
    while perform_due():
        pass


def their_book(sandbox: RunningSandbox, payments: list[Payment]) -> Book:
    book: Book = {}
    for payment in payments:
        named = {"payment_intent": payment.provider_reference, "limit": 100}
        charges = at_stripe(sandbox, "GET", "/v1/charges", **named)["data"]
        refunds = at_stripe(sandbox, "GET", "/v1/refunds", **named)["data"]
        captured = sum(charge["amount_captured"] for charge in charges)
        back = {refund["id"]: Decimal(refund["amount"]) / 100 for refund in refunds if refund["status"] == "succeeded"}
        book[payment.provider_reference] = (Decimal(captured) / 100, back)
    return book


def our_book() -> Book:
    return {
        payment.provider_reference: (
            sum((capture.amount for capture in payment.captures.filter(status="succeeded")), Decimal(0)),
            dict(payment.refunds.filter(status="succeeded").values_list("provider_reference", "amount")),
        )
        for payment in Payment.objects.all()
    }


def their_events(sandbox: RunningSandbox) -> list[dict[str, Any]]:
    """Every event that Stripe keeps, of those that tell of money."""
    found: list[dict[str, Any]] = []
    page: dict[str, Any] = {"has_more": True}
    while page["has_more"]:
        after = {"starting_after": found[-1]["id"]} if found else {}
        page = at_stripe(sandbox, "GET", "/v1/events", limit=100, **after)
        found += page["data"]
    return [each for each in found if each["type"] in EVENTS]


def assert_one_book(sandbox: RunningSandbox, payments: list[Payment]) -> None:
    theirs = their_book(sandbox, payments)
    assert our_book() == theirs
    for payment in Payment.objects.all():
        captured, refunds = theirs[payment.provider_reference]
        assert (payment.captured, payment.refunded) == (captured, sum(refunds.values()))
        assert (payment.capturing, payment.refunding) == (0, 0)
    assert (Capture.objects.count(), Refund.objects.count()) == (len(payments), 2 * len(payments))
    assert LogEntry.objects.filter(name="PaymentCaptured").count() == len(payments)
    assert LogEntry.objects.filter(name="RefundSucceeded").count() == 2 * len(payments)
    assert [name for name in broken_promises() if name.startswith("payments.")] == []


# Each payment has at least six events of its own: 1,700 of them make more than 10,000.
@pytest.mark.parametrize("count", [50, pytest.param(1700, marks=pytest.mark.long)])
def test_however_webhooks_come_our_books_become_the_providers(
    processes: Processes, sandbox: RunningSandbox, stripe: StripeGateway, count: int, seed: int
) -> None:
    chance = random.Random(seed)
    sandbox.webhooks(hold=True)
    payments = trade(stripe, sandbox, count=count, chance=chance)
    processes.start("web")
    with inbox_crew():
        sent = sandbox.flush_webhooks(shuffle=True, copies=[1, 5], seed=seed, concurrency=AT_ONCE)
        sandbox.wait_until_webhooks_are_delivered(seconds=PATIENCE_SECONDS + count)
        wait_until_the_inbox_is_empty(count)
    finish_what_was_unclear()
    kept = set(WebhookEvent.objects.values_list("event_id", flat=True))
    assert {each["id"] for each in their_events(sandbox)} == kept
    assert sent > 5 * count < len(kept) < sent
    assert_one_book(sandbox, payments)


def test_control_whoever_counts_events_counts_money_twice(
    processes: Processes, sandbox: RunningSandbox, stripe: StripeGateway, seed: int
) -> None:
    """The same trade, booked as it must not be: each event once, by the amount it carries."""
    sandbox.webhooks(hold=True, twice=True)
    payments = trade(stripe, sandbox, count=5, chance=random.Random(seed))
    captured, refunded = Decimal(0), Decimal(0)
    for each in their_events(sandbox):
        about = each["data"]["object"]
        if each["type"] in {"payment_intent.succeeded", "charge.succeeded"}:
            captured += Decimal(about["amount"]) / 100
        if each["type"] in {"refund.created", "charge.refunded"}:
            refunded += Decimal(about.get("amount_refunded", about["amount"])) / 100
    book = their_book(sandbox, payments).values()
    assert captured > sum(taken for taken, _ in book)
    assert refunded > sum(sum(refunds.values()) for _, refunds in book)


@pytest.mark.parametrize("count", [20, pytest.param(1000, marks=pytest.mark.long)])
def test_the_browser_and_the_webhook_at_once_settle_once(
    sandbox: RunningSandbox, stripe: StripeGateway, count: int
) -> None:
    sandbox.webhooks(hold=True)
    buyable("MUG", price="20.00", quantity=count)
    works = []
    for _ in range(count):
        payment, opened = opened_payment(stripe, order=place(("MUG", 1)))
        pay(sandbox, opened)
        for name in ("charge.succeeded", "payment_intent.succeeded"):
            store(provider="stripe", notice=told(opened.reference, name))
        works += [lambda pk=payment.pk: look_up_and_settle(payment_id=pk, by=TESTS), lambda: process_due(limit=1)]
    counted = outcomes(at_once(works, threads=8))
    assert set(counted) <= {"done", "provider_unavailable"}
    with inbox_crew():
        wait_until_the_inbox_is_empty(count)
    assert Payment.objects.filter(status="captured", captured=F("amount"), capturing=0).count() == count
    assert Capture.objects.count() == count
    assert LogEntry.objects.filter(name="PaymentCaptured").count() == count
    assert LogEntry.objects.filter(name="OrderPaid").count() == count


def test_an_event_that_arrives_during_the_look_gets_a_look_of_its_own(
    sandbox: RunningSandbox, stripe: StripeGateway
) -> None:
    sandbox.webhooks(hold=True)
    buyable("MUG", price="20.00")
    payment, opened = opened_payment(stripe)
    store(provider="stripe", notice=told(opened.reference))
    sandbox.knob(effect="delay_answer", provider="stripe", method="GET", path="/payment_intents/", times=1, seconds=1)

    def pay_meanwhile() -> None:
        time.sleep(0.5)
        pay(sandbox, opened)
        store(provider="stripe", notice=told(opened.reference))

    at_once([process_due, pay_meanwhile])
    wait = process_due()
    payment.refresh_from_db()
    assert (payment.status, WebhookEvent.objects.filter(state="processed").count()) == ("captured", 2)
    assert wait in {0, 1}


def test_without_redis_a_webhook_is_kept_all_the_same(processes: Processes, settings: Any) -> None:
    with_stripe(settings)
    processes.environment |= {
        "STRIPE_SECRET_KEY": "sk_of_this_test",
        "STRIPE_WEBHOOK_SECRETS": SECRET,
        "REDIS_URL": "redis://127.0.0.1:9/0",
    }
    processes.start("web")
    body, begun = event(), time.monotonic()
    headers = {"Stripe-Signature": signature(body), "Content-Type": "application/json"}
    answer = httpx.post(f"{processes.api}/webhooks/stripe", content=body, headers=headers, timeout=30)
    assert answer.status_code == 204, processes.log.read_text()[-2000:]
    assert time.monotonic() - begun < 5
    assert WebhookEvent.objects.get().state == "received"
    gateway_of.cache_clear()
