"""What becomes of an event between the moment it is kept and the moment its payment is what the provider says."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from kernel.errors import NotAllowedNow, NotFound
from orders.tests.factories import TESTS, buyable, fresh
from payments.gateways.base import Notice
from payments.gateways.registry import gateway_of
from payments.gateways.stripe import StripeGateway
from payments.models import Capture, MoneyCase, Payment, Refund, WebhookEvent
from payments.services import inbox
from payments.services.inbox import NOT_OURS, process_due, replay, store
from payments.states import InboxState
from payments.tests.factories import broken_promises
from payments.tests.stripe_orders import opened_payment, told
from payments.tests.stripe_shop import at_stripe, pay, with_stripe
from sandbox.testing import RunningSandbox, start_sandbox

pytestmark = pytest.mark.django_db
RECEIVED, PROCESSED, PARKED = InboxState.RECEIVED, InboxState.PROCESSED, InboxState.PARKED


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path_factory.mktemp("sandbox"), shop_url="") as running:
        yield running


@pytest.fixture
def stripe(settings: Any, sandbox: RunningSandbox) -> Iterator[StripeGateway]:
    sandbox.ask("DELETE", "/knobs")
    buyable("MUG", price="20.00", quantity=50)
    yield with_stripe(settings, sandbox)
    gateway_of.cache_clear()


def keep(*notices: Notice) -> None:
    for notice in notices:
        assert store(provider="stripe", notice=notice)


def states() -> dict[str, list[str]]:
    """By payment, oldest first."""
    found: dict[str, list[str]] = {}
    for event in WebhookEvent.objects.order_by("pk"):
        found.setdefault(event.payment_reference, []).append(event.state)
    return found


def is_due(**fields: Any) -> None:
    """As when the time has come."""
    WebhookEvent.objects.filter(state=RECEIVED).update(due_at=timezone.now(), **fields)


def the_event() -> WebhookEvent:
    return WebhookEvent.objects.get()


def test_an_event_makes_its_payment_what_the_provider_says(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    payment, opened = opened_payment(stripe)
    pay(sandbox, opened)
    keep(told(opened.reference))
    assert process_due() == 1
    payment.refresh_from_db()
    assert (payment.status, payment.captured) == ("captured", payment.amount)
    assert fresh(payment.order).status == "paid"
    assert (the_event().state, the_event().last_error) == (PROCESSED, "")
    assert the_event().processed_at is not None
    assert process_due() == 0
    assert broken_promises() == []


def test_an_event_is_kept_once(stripe: StripeGateway) -> None:
    notice = told("pi_1")
    assert [store(provider="stripe", notice=notice) for _ in range(3)] == [True, False, False]
    assert store(provider="paypal", notice=notice)
    assert WebhookEvent.objects.count() == 2


def test_one_look_answers_all_events_of_a_payment(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    payment, opened = opened_payment(stripe)
    pay(sandbox, opened)
    at_stripe(sandbox, "POST", "/v1/refunds", payment_intent=opened.reference, amount=300)
    at_stripe(sandbox, "POST", "/v1/refunds", payment_intent=opened.reference, amount=400)
    names = ("charge.refunded", "refund.created", "payment_intent.succeeded", "refund.created", "charge.refunded")
    keep(*(told(opened.reference, name) for name in names))
    assert process_due() == 1
    payment.refresh_from_db()
    assert (payment.captured, payment.refunded) == (payment.amount, Decimal(7))
    assert sorted(Refund.objects.values_list("amount", "cause")) == [(3, "external"), (4, "external")]
    assert states() == {opened.reference: [PROCESSED] * 5}


def test_what_backs_off_is_answered_by_a_later_event(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    _, opened = opened_payment(stripe)
    keep(told(opened.reference))
    WebhookEvent.objects.update(due_at=timezone.now() + timedelta(minutes=10), attempts=7, last_error="away")
    assert process_due() == 0
    keep(told(opened.reference))
    assert process_due() == 1
    assert states() == {opened.reference: [PROCESSED] * 2}
    assert WebhookEvent.objects.earliest("pk").last_error == ""


def test_an_event_that_overtakes_the_answer_to_our_own_call_is_understood(
    stripe: StripeGateway, sandbox: RunningSandbox
) -> None:
    payment, opened = opened_payment(stripe, is_known=False)
    pay(sandbox, opened)
    keep(told(opened.reference))
    process_due()
    payment.refresh_from_db()
    assert (payment.status, payment.provider_reference) == ("captured", opened.reference)
    assert states() == {opened.reference: [PROCESSED]}


@pytest.mark.parametrize("metadata", [{}, {"metadata[payment_id]": "cart-17"}])
def test_somebody_elses_payment_on_the_same_account_is_noted_and_left(
    stripe: StripeGateway, sandbox: RunningSandbox, metadata: dict[str, str]
) -> None:
    theirs = at_stripe(sandbox, "POST", "/v1/payment_intents", amount=500, currency="eur", **metadata)
    keep(told(theirs["id"]))
    process_due()
    assert (the_event().state, the_event().last_error) == (PROCESSED, NOT_OURS)
    assert not Payment.objects.exists()


def test_an_event_about_a_capture_finds_its_payment(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    payment, opened = opened_payment(stripe)
    pay(sandbox, opened)
    keep(told(opened.reference))
    process_due()
    at_stripe(sandbox, "POST", "/v1/refunds", payment_intent=opened.reference, amount=100)
    keep(told(f"capture:{Capture.objects.get().provider_reference}", "refund.created"))
    assert process_due() == 1
    payment.refresh_from_db()
    assert payment.refunded == 1
    assert WebhookEvent.objects.filter(state=PROCESSED).count() == 2


def test_an_event_that_names_no_payment_waits_for_a_person(stripe: StripeGateway) -> None:
    keep(told(""))
    process_due()
    assert the_event().state == PARKED
    assert "names no payment" in the_event().last_error


def test_a_payment_that_is_not_what_was_asked_for_is_not_believed(
    stripe: StripeGateway, sandbox: RunningSandbox
) -> None:
    payment, opened = opened_payment(stripe)
    Payment.objects.update(amount=payment.amount + 1)
    pay(sandbox, opened)
    keep(told(opened.reference))
    process_due()
    payment.refresh_from_db()
    assert (payment.status, payment.captured) == ("created", 0)
    assert MoneyCase.objects.get().kind == "payment_mismatch"
    assert states() == {opened.reference: [PROCESSED]}


def waits_until_parked() -> list[float]:
    """Fail as often as it may, and the seconds between the attempts."""
    waits: list[float] = []
    while True:
        begun: datetime = timezone.now()
        is_due()
        assert process_due() == 1
        if the_event().state == PARKED:
            return waits
        waits.append((the_event().due_at - begun).total_seconds())


def test_a_failure_backs_off_and_is_parked_with_its_reason(stripe: StripeGateway) -> None:
    keep(told("pi_nobody_knows"))
    waits = waits_until_parked()
    assert [round(wait) for wait in waits] == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    assert (the_event().attempts, process_due()) == (12, 0)
    assert "not_found" in the_event().last_error
    assert [name for name in broken_promises() if "inbox" in name] == []


def test_a_provider_that_is_away_parks_nothing_within_half_an_hour(settings: Any) -> None:
    with_stripe(settings)
    keep(told("pi_1"))
    assert sum(waits_until_parked()) > timedelta(minutes=30).total_seconds()
    assert "The provider is away" in the_event().last_error
    gateway_of.cache_clear()


def test_one_event_a_run_probes_a_provider_that_is_away(settings: Any) -> None:
    with_stripe(settings)
    keep(*(told(f"pi_{number}") for number in range(5)))
    assert process_due() == 1
    assert sorted(WebhookEvent.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]
    gateway_of.cache_clear()


def test_events_are_understood_once_the_provider_is_back(
    settings: Any, stripe: StripeGateway, sandbox: RunningSandbox
) -> None:
    payment, opened = opened_payment(stripe)
    pay(sandbox, opened)
    keep(told(opened.reference))
    with_stripe(settings)
    process_due()
    assert the_event().state == RECEIVED
    with_stripe(settings, sandbox)
    assert process_due() == 0
    is_due()
    assert process_due() == 1
    payment.refresh_from_db()
    assert (payment.status, the_event().state) == ("captured", PROCESSED)


def test_what_a_worker_has_claimed_is_left_to_it_until_its_lease_ends(stripe: StripeGateway) -> None:
    _, opened = opened_payment(stripe)
    keep(told(opened.reference))
    assert inbox._claim(set()) is not None  # and the worker dies
    assert process_due() == 0
    assert the_event().due_at > timezone.now() + inbox.LEASE - timedelta(seconds=10)
    is_due()
    assert process_due() == 1
    assert states() == {opened.reference: [PROCESSED]}


def test_a_payment_unknown_here_is_parked_and_replayed_when_it_is_known(
    stripe: StripeGateway, sandbox: RunningSandbox
) -> None:
    payment, opened = opened_payment(stripe, is_known=False)
    key = payment.pk
    Payment.objects.update(provider="paypal")
    keep(told(opened.reference))
    is_due(attempts=11)
    process_due()
    event = the_event()
    assert (event.state, event.last_error) == (PARKED, f"NotFound: There is no payment {key} here.")
    Payment.objects.update(provider="stripe")
    replay(event_id=event.pk, by=TESTS)
    assert (the_event().state, the_event().attempts) == (RECEIVED, 0)
    assert process_due() == 1
    assert the_event().state == PROCESSED


def test_only_what_is_parked_is_replayed(stripe: StripeGateway) -> None:
    keep(told("pi_1"))
    with pytest.raises(NotAllowedNow), transaction.atomic():
        replay(event_id=the_event().pk, by=TESTS)
    with pytest.raises(NotFound), transaction.atomic():
        replay(event_id=0, by=TESTS)


def test_a_run_takes_no_more_than_its_limit(stripe: StripeGateway) -> None:
    keep(*(told(f"pi_{number}") for number in range(4)))
    assert (process_due(limit=3), process_due()) == (3, 1)


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE payments_webhookevent SET state = 'received', processed_at = NULL", "payments.inbox"),
        ("UPDATE payments_webhookevent SET state = 'parked', processed_at = NULL", "payments.inbox"),
        ("UPDATE payments_webhookevent SET processed_at = NULL", "payments.inbox"),
        ("UPDATE payments_refund SET provider_reference = (SELECT provider_reference FROM payments_capture)",
         "payments.provider_objects"),
        ("UPDATE payments_capture SET provider = 'paypal'", "payments.provider_objects"),
    ],
)  # fmt: skip
def test_damage_is_found(stripe: StripeGateway, sandbox: RunningSandbox, damage: str, found: str) -> None:
    _, opened = opened_payment(stripe)
    pay(sandbox, opened)
    at_stripe(sandbox, "POST", "/v1/refunds", payment_intent=opened.reference, amount=100)
    keep(told(opened.reference))
    process_due()
    assert broken_promises() == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(damage)
    assert found in broken_promises()
