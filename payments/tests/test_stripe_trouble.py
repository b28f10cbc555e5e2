"""What the gateway to Stripe makes of answers that are none: never a guess about money."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from payments.gateways.base import Declined, Money, Unclear
from payments.gateways.registry import gateway_of
from payments.gateways.stripe import StripeGateway
from payments.gateways.stripe_facts import from_units, to_units
from payments.tests.stripe_shop import asked, pay, with_stripe
from sandbox.testing import RunningSandbox, start_sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path_factory.mktemp("sandbox"), shop_url="") as running:
        yield running


@pytest.fixture
def stripe(settings: Any, sandbox: RunningSandbox) -> Iterator[StripeGateway]:
    sandbox.ask("DELETE", "/knobs")
    yield with_stripe(settings, sandbox, PAYMENT_READ_SECONDS=2.0)
    gateway_of.cache_clear()


def unclear(ask: Callable[[], object]) -> Unclear:
    with pytest.raises(Unclear) as answer:
        ask()
    return answer.value


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("19.99", "EUR", 1999),
        ("19.9900", "EUR", 1999),
        ("500", "JPY", 500),
        ("5", "ISK", 500),
        ("5", "UGX", 500),
        ("175.25", "HUF", 17525),
        ("800.45", "TWD", 80045),
        ("5.12", "KWD", 5120),
        ("5", "MGA", 5),
    ],
)
def test_amounts_travel_in_the_units_stripe_documents(amount: str, currency: str, units: int) -> None:
    assert to_units(Money(Decimal(amount), currency)) == units
    assert from_units(units, currency.lower()) == Decimal(amount)


@pytest.mark.parametrize(("amount", "currency"), [("5.124", "KWD"), ("5.5", "MGA"), ("5.5", "UGX"), ("1.001", "EUR")])
def test_what_stripe_cannot_say_is_refused_before_it_is_asked(settings: Any, amount: str, currency: str) -> None:
    stripe = with_stripe(settings)
    with pytest.raises(Declined) as refused:
        stripe.create(asked(money=Money(Decimal(amount), currency)))
    assert refused.value.code == "amount_not_supported"
    gateway_of.cache_clear()


def test_an_answer_that_is_lost_is_found(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    request, begun = asked(), timezone.now()
    sandbox.knob(effect="drop_answer", provider="stripe", method="POST", path="payment_intents$", times=1)
    assert not unclear(lambda: stripe.create(request)).is_final
    found = stripe.find(request, since=begun)
    assert found is not None
    assert stripe.create(request).reference == found.reference


@pytest.mark.parametrize(("effect", "has_happened"), [("error_after", True), ("error_before", False)])
def test_a_stored_failure_is_final_and_the_book_says_what_happened(
    stripe: StripeGateway, sandbox: RunningSandbox, effect: str, has_happened: bool
) -> None:
    request, begun = asked(), timezone.now()
    sandbox.knob(effect=effect, provider="stripe", method="POST", path="payment_intents$", times=1)
    assert unclear(lambda: stripe.create(request)).is_final
    assert (stripe.find(request, since=begun) is not None) == has_happened
    assert unclear(lambda: stripe.create(request)).is_final
    if not has_happened:
        assert stripe.create(asked(payment_id=request.payment_id)).payment_id == str(request.payment_id)


def test_a_lost_refund_is_seen_by_its_number(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    opened = stripe.create(asked())
    pay(sandbox, opened)
    sandbox.knob(effect="drop_answer", provider="stripe", method="POST", path="/refunds$", times=1)
    part = Money(Decimal("5.00"), "EUR")
    unclear(lambda: stripe.refund(opened.reference, part, refund_id=4, reason="x", key="refund-lost"))
    assert [refund.ours for refund in stripe.look_up(opened.reference).refunds] == ["4"]
    again = stripe.refund(opened.reference, part, refund_id=4, reason="x", key="refund-lost")
    assert [refund.ours for refund in again.refunds] == ["4"]


@pytest.mark.parametrize("effect", ["rate_limit", "unavailable"])
def test_a_busy_provider_is_asked_again_with_the_same_key(
    stripe: StripeGateway, sandbox: RunningSandbox, effect: str
) -> None:
    request, begun = asked(), timezone.now()
    sandbox.knob(effect=effect, provider="stripe", method="POST", path="payment_intents$", times=1)
    assert not unclear(lambda: stripe.create(request)).is_final
    assert stripe.find(request, since=begun) is None
    assert stripe.create(request).payment_id == str(request.payment_id)


def test_failures_to_look_are_never_final(stripe: StripeGateway, sandbox: RunningSandbox) -> None:
    opened = stripe.create(asked())
    sandbox.knob(effect="error_before", provider="stripe", method="GET", path="", times=1)
    assert not unclear(lambda: stripe.look_up(opened.reference)).is_final
    assert stripe.look_up(opened.reference) == opened


def test_a_slow_provider_is_not_waited_for(settings: Any, sandbox: RunningSandbox) -> None:
    stripe = with_stripe(settings, sandbox, PAYMENT_READ_SECONDS=0.3)
    sandbox.knob(effect="delay", provider="stripe", method="POST", path="payment_intents$", times=1, seconds=1.5)
    begun = timezone.now()
    assert not unclear(lambda: stripe.create(asked())).is_final
    assert (timezone.now() - begun).total_seconds() < 1.2
    gateway_of.cache_clear()


def test_nobody_at_the_address_is_unclear(settings: Any) -> None:
    stripe = with_stripe(settings)
    assert not unclear(lambda: stripe.create(asked())).is_final
    assert not unclear(lambda: stripe.look_up("pi_1")).is_final
    gateway_of.cache_clear()


def test_a_wrong_key_of_ours_fails_no_payment(settings: Any, sandbox: RunningSandbox) -> None:
    stripe = with_stripe(settings, sandbox, STRIPE_SECRET_KEY="sk_of_somebody")
    assert not unclear(lambda: stripe.create(asked())).is_final
    gateway_of.cache_clear()


def test_a_key_that_was_used_for_something_else_says_no_more(stripe: StripeGateway) -> None:
    request = asked()
    stripe.create(request)
    assert unclear(lambda: stripe.create(asked(key=request.key))).is_final
