"""Asking a provider whose answers get lost, by a real sandbox over HTTP."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from kernel.errors import NotAllowedNow
from orders.models import Order
from orders.tests.factories import TESTS, fresh, place
from payments.errors import ProviderBusy, ProviderRefused
from payments.gateways.registry import gateway_of
from payments.models import MoneyCase, Operation, Payment, Refund
from payments.services import (
    Wanted,
    ask_completion,
    open_payment,
    perform,
    perform_due,
    refund_payment,
    void_payment,
)
from payments.services.queue import ask_to_create
from payments.states import OperationKind, OperationState, PaymentStatus, TransferStatus
from payments.tests.factories import broken_promises
from payments.tests.shop_with_stripe import opened, operation_of, ordered, paid, settled
from payments.tests.stripe_orders import opened_payment
from payments.tests.stripe_shop import at_stripe, pay, with_stripe
from sandbox.testing import RunningSandbox, start_sandbox

pytestmark = pytest.mark.django_db(transaction=True)
CREATE, REFUND = "payment_intents$", "refunds$"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path_factory.mktemp("sandbox"), shop_url="") as running:
        yield running


@pytest.fixture(autouse=True)
def stripe(settings: Any, sandbox: RunningSandbox) -> Iterator[None]:
    sandbox.ask("DELETE", "/knobs")
    with_stripe(settings, sandbox)
    yield
    gateway_of.cache_clear()


def due_now() -> None:
    """As if the time until the next look-up had passed."""
    Operation.objects.update(due_at=timezone.now(), leased_until=None)


def intents(sandbox: RunningSandbox, payment: Payment) -> list[dict[str, Any]]:
    book = at_stripe(sandbox, "GET", "/v1/payment_intents", limit=100)["data"]
    return [intent for intent in book if intent["metadata"].get("payment_id") == str(payment.pk)]


def test_an_order_is_paid_once_the_customer_has_paid(sandbox: RunningSandbox) -> None:
    order = ordered()
    payment = paid(sandbox, order)
    assert (payment.status, payment.captured) == (PaymentStatus.CAPTURED, order.total)
    assert fresh(order).status == "paid"
    assert broken_promises() == []


def test_an_unfinished_attempt_is_taken_up_again() -> None:
    order = ordered()
    first, snapshot = opened(order)
    again = open_payment(order_id=order.pk, provider="stripe", by=TESTS)
    assert again.pk == first.pk
    assert perform(operation_of(again).pk) is None
    assert settled(again.pk).provider_reference == snapshot.reference


def test_another_amount_gives_the_first_attempt_up(sandbox: RunningSandbox) -> None:
    order = ordered()
    first, snapshot = opened(order)
    open_payment(order_id=order.pk, provider="stripe", amount=Decimal("5.00"), by=TESTS)
    perform(operation_of(first, OperationKind.VOID).pk)
    assert settled(first.pk).status == PaymentStatus.VOIDED
    pay(sandbox, snapshot)
    assert settled(first.pk).captured == 0


@pytest.mark.parametrize("effect", ["drop_answer", "error_after", "error_before"])
def test_a_lost_answer_opens_one_payment_all_the_same(sandbox: RunningSandbox, effect: str) -> None:
    payment = open_payment(order_id=ordered().pk, provider="stripe", by=TESTS)
    sandbox.knob(effect=effect, provider="stripe", method="POST", path=CREATE, times=1)
    for _ in range(3):
        try:
            perform(operation_of(payment).pk)
        except ProviderBusy:
            due_now()
    assert operation_of(payment).state == OperationState.DONE
    assert [intent["id"] for intent in intents(sandbox, payment)] == [settled(payment.pk).provider_reference]


def test_a_decline_leaves_the_order_payable(sandbox: RunningSandbox) -> None:
    order = ordered()
    payment = paid(sandbox, order, "pm_card_chargeDeclined")
    assert (payment.status, payment.failure_code) == (PaymentStatus.FAILED, "generic_decline")
    assert (fresh(order).status, fresh(order).payment_status) == ("pending", "failed")
    again = open_payment(order_id=order.pk, provider="stripe", by=TESTS)
    assert again.pk == payment.pk
    pay(sandbox, gateway_of("stripe").look_up(payment.provider_reference))
    after = settled(payment.pk)
    assert (after.status, after.failure_code) == (PaymentStatus.CAPTURED, "")
    assert fresh(order).status == "paid"


@pytest.mark.parametrize("effect", ["drop_answer", "error_after", "error_before"])
def test_a_lost_answer_refunds_once(sandbox: RunningSandbox, effect: str) -> None:
    payment = paid(sandbox, ordered())
    refund = refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(5)), reason="Scratched", by=TESTS)
    sandbox.knob(effect=effect, provider="stripe", method="POST", path=REFUND, times=1)
    for _ in range(3):
        due_now()
        perform_due()
    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.status, payment.refunded, payment.refunding) == (TransferStatus.SUCCEEDED, 5, 0)
    assert len(at_stripe(sandbox, "GET", "/v1/refunds", payment_intent=payment.provider_reference)["data"]) == 1
    assert broken_promises() == []


def test_a_refused_refund_frees_its_money_and_asks_a_person(sandbox: RunningSandbox) -> None:
    payment = paid(sandbox, ordered())
    at_stripe(sandbox, "POST", "/v1/refunds", payment_intent=payment.provider_reference)
    refund = refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(5)), reason="Scratched", by=TESTS)
    with pytest.raises(ProviderRefused):
        perform(operation_of(payment, OperationKind.REFUND).pk)
    refund.refresh_from_db()
    assert refund.status == TransferStatus.FAILED
    assert list(MoneyCase.objects.values_list("kind", flat=True)) == ["refund_failed"]
    after = settled(payment.pk)
    assert (after.refunded, after.refunding) == (payment.captured, 0)
    assert set(Refund.objects.values_list("cause", "status")) == {("external", "succeeded"), ("requested", "failed")}
    assert broken_promises() == []


def test_money_of_another_amount_is_never_believed(sandbox: RunningSandbox) -> None:
    order = ordered()
    payment, snapshot = opened(order)
    Payment.objects.filter(pk=payment.pk).update(amount=Decimal("1.00"))
    pay(sandbox, snapshot)
    assert settled(payment.pk).captured == 0
    assert fresh(order).status == "pending"
    case = MoneyCase.objects.get()
    assert (case.kind, case.about, case.payment_id) == ("payment_mismatch", snapshot.reference, payment.pk)
    assert case.detail == "At the provider, amount is 17.00, not 1.00."


def test_a_provider_that_is_away_leaves_the_order_payable(settings: Any, sandbox: RunningSandbox) -> None:
    payment = open_payment(order_id=ordered().pk, provider="stripe", by=TESTS)
    with_stripe(settings)
    with pytest.raises(ProviderBusy):
        perform(operation_of(payment).pk)
    operation = operation_of(payment)
    assert (operation.state, operation.attempts, operation.leased_until) == ("unknown", 1, None)
    with_stripe(settings, sandbox)
    due_now()
    assert perform_due() == 1
    assert operation_of(payment).state == OperationState.DONE


def test_a_refund_taken_for_refused_is_believed_when_the_book_shows_it(sandbox: RunningSandbox) -> None:
    payment = paid(sandbox, ordered())
    refund = refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(5)), reason="Scratched", by=TESTS)
    perform_due()
    Refund.objects.update(status="failed", provider_reference="")
    Payment.objects.update(refunded=0)
    after = settled(payment.pk)
    refund.refresh_from_db()
    assert (refund.status, after.refunded, after.refunding) == (TransferStatus.SUCCEEDED, 5, 0)
    assert broken_promises() == []


def test_an_answer_that_is_not_believed_leaves_a_refund_unanswered(sandbox: RunningSandbox) -> None:
    payment = paid(sandbox, ordered())
    refund_payment(payment_id=payment.pk, wanted=Wanted(amount=Decimal(5)), reason="Scratched", by=TESTS)
    Order.objects.filter(pk=payment.order_id).update(number="W9999999")
    perform(operation_of(payment, OperationKind.REFUND).pk)
    operation = operation_of(payment, OperationKind.REFUND)
    assert (operation.state, operation.leased_until) == (OperationState.UNKNOWN, None)


def test_a_payment_opened_wrongly_is_shown_to_nobody(sandbox: RunningSandbox) -> None:
    order = ordered()
    payment, _ = opened_payment(gateway_of("stripe"), order=order, is_known=False)
    Payment.objects.filter(pk=payment.pk).update(amount=Decimal("1.00"))
    operation = ask_to_create(payment, by=TESTS)
    Operation.objects.filter(pk=operation.pk).update(attempts=1)
    with pytest.raises(ProviderRefused):
        perform(operation.pk)
    assert operation_of(payment).state == OperationState.FAILED
    assert MoneyCase.objects.get().kind == "payment_mismatch"


def test_what_is_not_open_yet_is_given_up_once_it_is(settings: Any, sandbox: RunningSandbox) -> None:
    order = ordered()
    first = open_payment(order_id=order.pk, provider="stripe", by=TESTS)
    open_payment(order_id=order.pk, provider="stripe", amount=Decimal("5.00"), by=TESTS)
    with pytest.raises(ProviderBusy):
        perform(operation_of(first, OperationKind.VOID).pk)
    perform(operation_of(first).pk)
    due_now()
    perform_due()
    assert settled(first.pk).status == PaymentStatus.VOIDED


def test_giving_up_what_cannot_be_given_up_may_be_tried_again(sandbox: RunningSandbox) -> None:
    payment, _ = opened(ordered())
    Payment.objects.filter(pk=payment.pk).update(amount=Decimal("1.00"))
    for _ in range(2):
        operation = void_payment(payment_id=payment.pk, by=TESTS)
        perform(operation.pk)
        assert operation_of(payment, OperationKind.VOID).state == OperationState.FAILED


def test_what_was_given_up_is_not_completed(sandbox: RunningSandbox) -> None:
    payment, _ = opened(ordered())
    operation = void_payment(payment_id=payment.pk, by=TESTS)
    with pytest.raises(NotAllowedNow):
        ask_completion(payment_id=payment.pk, by=TESTS)
    perform(operation.pk)
    with pytest.raises(NotAllowedNow):
        ask_completion(payment_id=payment.pk, by=TESTS)
    assert not Operation.objects.filter(kind=OperationKind.COMPLETE).exists()


def test_one_that_breaks_keeps_no_other_from_being_done() -> None:
    broken = open_payment(order_id=ordered().pk, provider="stripe", by=TESTS)
    Payment.objects.filter(pk=broken.pk).update(currency="XXX")
    other = open_payment(order_id=place().pk, provider="stripe", by=TESTS)
    assert perform_due() == 2
    assert operation_of(other).state == OperationState.DONE
    assert operation_of(broken).leased_until is None
