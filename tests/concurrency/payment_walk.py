"""Customers, staff and providers at random, while calls to the providers go wrong."""

import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import httpx
from django.utils import timezone

from audit import relay
from audit.models import Delivery, Outbox
from kernel.errors import Refused
from orders.models import Order
from orders.services import cancel_order, expire_order
from orders.tests.factories import TESTS, place
from payments.gateways.base import Notice, Snapshot
from payments.gateways.registry import gateway_of
from payments.models import Operation, Payment, Refund
from payments.services import (
    Wanted,
    ask_completion,
    look_up_and_settle,
    open_payment,
    perform,
    perform_due,
    perform_quietly,
    record_manual_payment,
    refund_payment,
)
from payments.services.inbox import process_due, store
from payments.services.queue import UNFINISHED
from payments.states import SETTLED_HERE, OperationKind
from payments.tests.paypal_shop import BACK, approve
from payments.tests.stripe_shop import at_stripe, pay
from sandbox.testing import RunningSandbox

CARDS = ("pm_card_visa", "pm_card_visa", "pm_card_chargeDeclined", "pm_card_createDispute", "pm_card_pendingRefund")
PAYERS = ("", "", "", "INSTRUMENT_DECLINED")
PATIENCE_SECONDS = 30
FAULTS = ("drop_answer", "error_after", "error_before", "unavailable")


class Walk:
    """One random walk. What is refused, or goes wrong on the way, leaves everything to a later step."""

    def __init__(self, sandbox: RunningSandbox, seed: int) -> None:
        self.sandbox = sandbox
        self.chance = random.Random(seed)
        self.snapshots: dict[str, Snapshot] = {}
        self.seed = seed
        self.done = Counter[str]()

    def begin(self) -> None:
        """One attempt whose customer went to the provider, so that no walk is about nothing."""
        self.place()
        self.open()
        self.customer()

    def run(self, steps: int) -> None:
        for provider in ("stripe", "paypal"):
            for effect in FAULTS:
                more = {"probability": 0.08, "seed": self.seed % 1000}
                self.sandbox.knob(effect=effect, provider=provider, method="POST", **more)
        ways: list[Callable[[], object]] = [
            *(self.place, self.open, self.open, self.customer, self.customer, self.comes_back, self.hears),
            *(self.refund, self.refund_there, self.by_hand, self.cancel, self.expire, self.relay, self.sweep),
        ]
        for _ in range(steps):
            way = self.chance.choice(ways)
            with contextlib.suppress(Refused, httpx.HTTPError, LookupError):
                way()
                self.done[way.__name__] += 1

    def settle_down(self) -> None:
        """Faults are over: whatever was unclear is found out, as sweeps and reconciliation would by and by."""
        self.sandbox.ask("DELETE", "/knobs")
        for _ in range(4):
            self.look_at_all()
        deadline = time.monotonic() + PATIENCE_SECONDS
        # Some cards take their refunds only after a while.
        while Refund.objects.filter(status="pending").exists() and time.monotonic() < deadline:
            time.sleep(0.2)
            self.look_at_all()

    def look_at_all(self) -> None:
        self.relay()
        self.sweep()
        for payment in Payment.objects.exclude(provider_reference=""):
            with contextlib.suppress(Refused):
                look_up_and_settle(payment_id=payment.pk, by=TESTS)
        self.relay()

    # -- the shop's customers

    def place(self) -> None:
        place(("MUG", self.chance.randint(1, 3)))

    def open(self) -> None:
        order = self.order()
        provider = self.chance.choice(("stripe", "paypal"))
        payment = open_payment(order_id=order.pk, provider=provider, return_url=BACK, by=TESTS)
        operation = Operation.objects.filter(payment=payment, kind=OperationKind.CREATE).latest("created_at")
        snapshot = perform(operation.pk)
        if snapshot is not None:
            self.snapshots[snapshot.reference] = snapshot

    def customer(self) -> None:
        """Completes some attempt at its provider, or tries to."""
        snapshot = self.chance.choice(list(self.snapshots.values()))
        if snapshot.client_secret:
            pay(self.sandbox, snapshot, self.chance.choice(CARDS))
        else:
            approve(self.sandbox, snapshot, payer=self.chance.choice(PAYERS))

    def comes_back(self) -> None:
        operation = ask_completion(payment_id=self.payment().pk, by=TESTS)
        perform(operation.pk)

    def hears(self) -> None:
        payment = self.payment()
        event = f"evt_{self.chance.getrandbits(64):x}"
        reference = payment.provider_reference
        store(provider=payment.provider, notice=Notice(event, "told", reference, reference))
        process_due(limit=1)

    # -- the shop's staff, and what happens by itself

    def refund(self) -> None:
        payment = self.payment(refundable=True)
        wanted = Wanted(amount=self.amount(payment.refundable))
        refund = refund_payment(payment_id=payment.pk, wanted=wanted, reason="Goodwill", by=TESTS)
        perform_quietly(Operation.objects.get(refund=refund).pk)

    def refund_there(self) -> None:
        payment = self.payment(refundable=True)
        if payment.provider == "stripe":
            units = int(self.amount(payment.refundable) * 100)
            at_stripe(self.sandbox, "POST", "/v1/refunds", payment_intent=payment.provider_reference, amount=units)

    def by_hand(self) -> None:
        order = self.order()
        record_manual_payment(order_id=order.pk, amount=self.amount(order.money().outstanding), by=TESTS)

    def cancel(self) -> None:
        cancel_order(order_id=self.order().pk, reason="changed my mind", by=TESTS)

    def expire(self) -> None:
        order = self.order()
        Order.objects.filter(pk=order.pk, status="pending").update(expires_at=timezone.now() - timedelta(minutes=1))
        expire_order(order_id=order.pk, by=TESTS)

    def relay(self) -> None:
        while Outbox.objects.exists():
            relay.fan_out()
        Delivery.objects.filter(state=Delivery.State.PENDING).update(due_at=timezone.now())
        relay.hand_out(lambda queue, ids: [relay.deliver(each) for each in ids] and None)

    def sweep(self) -> None:
        Operation.objects.filter(state__in=UNFINISHED).update(due_at=timezone.now(), leased_until=None)
        perform_due()

    # -- whom it strikes

    def order(self) -> Order:
        """Seldom a cancelled one: with those a walk would mostly be refused."""
        orders = Order.objects.order_by("-pk")
        alive = orders.exclude(status="cancelled") if self.chance.random() < 0.8 else orders
        return self.chance.choice(list(alive[:6]))

    def payment(self, *, refundable: bool = False) -> Payment:
        found = Payment.objects.exclude(provider__in=SETTLED_HERE).exclude(provider_reference="").order_by("created_at")
        return self.chance.choice([payment for payment in found if payment.refundable > 0 or not refundable])

    def amount(self, most: Decimal) -> Decimal:
        return Decimal(self.chance.randint(1, max(1, int(most * 100)))) / 100


def their_figures(payment: Payment) -> tuple[Decimal, dict[str, Decimal], dict[str, Decimal]]:
    """Captures and refunds that succeeded, as the provider's book has them."""
    snapshot = gateway_of(payment.provider).look_up(payment.provider_reference)
    captures, refunds = (
        {fact.reference: fact.amount for fact in facts if fact.status == "succeeded"}
        for facts in (snapshot.captures, snapshot.refunds)
    )
    return sum(captures.values(), Decimal(0)), captures, refunds


def our_figures(payment: Payment) -> tuple[Decimal, dict[str, Decimal], dict[str, Decimal]]:
    captures, refunds = (
        dict(rows.filter(status="succeeded").values_list("provider_reference", "amount"))
        for rows in (payment.captures, payment.refunds)
    )
    return payment.captured, captures, refunds
