"""Our books against Stripe's, over HTTP: what is repaired, and what is left for a person."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from api.actors import Actor
from inventory.tests.checks import refused
from kernel.errors import Invalid, NotAllowedNow
from orders.tests.factories import TESTS, fresh, place
from payments.models import Difference, MoneyCase, Payment, ReconciliationRun, Refund
from payments.reconciliation import open_nightly_runs, open_run, perform_runs, resolve_difference
from payments.states import DifferenceState, RefundCause
from payments.tests.factories import broken_promises
from payments.tests.shop_with_stripe import opened, ordered, paid
from payments.tests.stripe_shop import at_stripe, pay
from sandbox.testing import RunningSandbox

pytestmark = pytest.mark.django_db(transaction=True)
STAFF = Actor.user(1)


def reconciled(**window: Any) -> ReconciliationRun:
    """Asked for, done, and read again. Up to a minute from now: Stripe counts in seconds."""
    run = open_run(provider="stripe", until=timezone.now() + timedelta(minutes=1), by=TESTS, **window)
    assert perform_runs() == 1
    run.refresh_from_db()
    assert (run.error, run.finished_at is not None) == ("", True)
    return run


def differences(run: ReconciliationRun) -> list[tuple[str, str, str]]:
    return sorted(run.differences.values_list("object_type", "kind", "state"))


def somebody_elses(sandbox: RunningSandbox) -> dict[str, Any]:
    """Paid into the same account, past the shop."""
    return at_stripe(
        sandbox, "POST", "/v1/payment_intents", amount=2900, currency="eur", confirm="true",
        payment_method="pm_card_visa",
    )  # fmt: skip


def test_books_that_agree_leave_nothing_to_do(sandbox: RunningSandbox) -> None:
    paid(sandbox, ordered())
    run = reconciled()
    assert (run.compared, run.repaired, run.open) == (2, 0, 0)
    assert not Difference.objects.exists()


def test_a_payment_whose_webhook_never_came_is_settled(sandbox: RunningSandbox) -> None:
    order = ordered()
    payment, snapshot = opened(order)
    pay(sandbox, snapshot)
    run = reconciled()
    assert differences(run) == [("capture", "missing_here", "repaired"), ("payment", "status", "repaired")]
    assert (run.repaired, run.open) == (2, 0)
    payment.refresh_from_db()
    assert (payment.status, payment.captured, fresh(order).status) == ("captured", order.total, "paid")
    assert broken_promises() == []
    assert reconciled().differences.count() == 0


def test_a_payment_whose_reference_never_came_is_taken_up(sandbox: RunningSandbox) -> None:
    order = ordered()
    payment, snapshot = opened(order)
    pay(sandbox, snapshot)
    Payment.objects.filter(pk=payment.pk).update(provider_reference="")
    assert reconciled().open == 0
    payment.refresh_from_db()
    assert (payment.provider_reference, payment.captured) == (snapshot.reference, order.total)


def test_a_refund_made_at_the_provider_is_recorded(sandbox: RunningSandbox) -> None:
    payment = paid(sandbox, ordered())
    at_stripe(sandbox, "POST", "/v1/refunds", payment_intent=payment.provider_reference, amount=300)
    run = reconciled()
    assert differences(run) == [("refund", "missing_here", "repaired")]
    refund = Refund.objects.get()
    assert (refund.amount, refund.cause, refund.status) == (3, RefundCause.EXTERNAL, "succeeded")
    assert fresh(payment.order).refunded_total == 3


def test_a_dispute_is_found_and_stops_the_order(sandbox: RunningSandbox) -> None:
    order = ordered()
    _, snapshot = opened(order)
    pay(sandbox, snapshot, "pm_card_createDispute")
    run = reconciled()
    assert ("dispute", "missing_here", "repaired") in differences(run)
    assert [hold.kind for hold in fresh(order).holds.all()] == ["payment_review"]


def test_money_of_somebody_else_is_shown_to_staff(sandbox: RunningSandbox) -> None:
    intent = somebody_elses(sandbox)
    run = reconciled()
    assert differences(run) == [("capture", "missing_here", "open"), ("payment", "missing_here", "open")]
    found = run.differences.get(object_type="payment")
    assert (found.reference, found.payment_id, found.theirs) == (intent["id"], None, "29.00 EUR, captured")
    assert found.action
    assert not Payment.objects.exists()


def test_a_payment_that_the_provider_does_not_know_is_missing_there(sandbox: RunningSandbox) -> None:
    payment = paid(sandbox, ordered())
    Payment.objects.filter(pk=payment.pk).update(provider_reference="pi_gone")
    payment.captures.update(provider_reference="ch_gone")
    gone = reconciled().differences.filter(kind="missing_there", state="open")
    assert sorted(gone.values_list("object_type", "reference")) == [("capture", "ch_gone"), ("payment", "pi_gone")]
    assert {found.payment_id for found in gone} == {payment.pk}


def test_an_amount_that_was_tampered_with_is_told_and_never_believed(sandbox: RunningSandbox) -> None:
    payment = paid(sandbox, ordered())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payments_payment SET amount = amount + 1 WHERE id = %s", [payment.pk])
    run = reconciled()
    assert differences(run) == [("payment", "amount", "open")]
    assert (run.differences.get().ours, run.differences.get().theirs) == ("18.00 EUR", "17.00 EUR")
    assert MoneyCase.objects.get().kind == "payment_mismatch"
    payment.refresh_from_db()
    assert (payment.amount, payment.captured) == (18, 17)


def test_attempts_without_money_are_no_differences(sandbox: RunningSandbox) -> None:
    opened(ordered())
    declined = place(("MUG", 1))
    _, snapshot = opened(declined)
    pay(sandbox, snapshot, "pm_card_visa_chargeDeclinedInsufficientFunds")
    Payment.objects.filter(order=declined).update(provider_reference="pi_forgotten")
    at_stripe(sandbox, "POST", f"/v1/payment_intents/{snapshot.reference}/cancel")
    assert reconciled().open == 0


def test_at_the_edge_of_a_window_nothing_is_called_missing(sandbox: RunningSandbox) -> None:
    payment = paid(sandbox, ordered())
    # Written here within the window, made there before it.
    later = timezone.now() + timedelta(seconds=30)
    Payment.objects.filter(pk=payment.pk).update(created_at=later)
    payment.captures.update(created_at=later)
    run = reconciled(since=timezone.now() + timedelta(seconds=20))
    assert (run.compared, differences(run)) == (2, [])


def test_each_difference_is_open_once_and_ends_when_it_is_gone(sandbox: RunningSandbox) -> None:
    payment = paid(sandbox, ordered())
    Payment.objects.filter(pk=payment.pk).update(amount=18)
    first, second = reconciled(), reconciled()
    assert first.differences.get().state == DifferenceState.RESOLVED
    assert first.differences.get().resolution == f"Found again by run {second.pk}."
    assert second.differences.get().state == DifferenceState.OPEN
    Payment.objects.filter(pk=payment.pk).update(amount=17)
    third = reconciled()
    assert (third.open, second.differences.get().state) == (0, DifferenceState.RESOLVED)
    assert second.differences.get().resolution == f"No longer there in run {third.pk}."


def test_what_a_person_has_resolved_stays_so_while_nothing_changes(sandbox: RunningSandbox) -> None:
    intent = somebody_elses(sandbox)
    for difference in reconciled().differences.all():
        resolve_difference(difference_id=difference.pk, resolution="The other shop's.", by=STAFF)
    again = reconciled()
    assert again.open == 0
    assert set(again.differences.values_list("resolution", "resolved_by")) == {("The other shop's.", "user:1")}
    at_stripe(sandbox, "POST", "/v1/refunds", payment_intent=intent["id"], amount=100)
    assert differences(reconciled())[-1] == ("refund", "missing_here", "open")


def test_a_provider_that_is_away_ends_the_run_with_a_reason(sandbox: RunningSandbox) -> None:
    paid(sandbox, ordered())
    sandbox.knob(effect="error_before", provider="stripe", method="GET", path="/v1/charges")
    run = open_run(provider="stripe", by=TESTS)
    assert perform_runs() == 1
    run.refresh_from_db()
    assert run.finished_at is not None
    assert run.error.startswith("The provider did not answer: ")
    assert not Difference.objects.exists()
    sandbox.ask("DELETE", "/knobs")
    assert reconciled().open == 0


def test_one_run_of_a_provider_at_a_time(sandbox: RunningSandbox) -> None:
    open_run(provider="stripe", by=TESTS)
    with refused(NotAllowedNow):
        open_run(provider="stripe", by=TESTS)
    assert open_nightly_runs() == 0
    assert perform_runs() == 1
    assert open_nightly_runs() == 1
    assert ReconciliationRun.objects.count() == 2


def test_a_run_that_died_is_begun_again_after_an_hour(sandbox: RunningSandbox) -> None:
    payment = paid(sandbox, ordered())
    Payment.objects.filter(pk=payment.pk).update(amount=Decimal(18))
    run = open_run(provider="stripe", until=timezone.now() + timedelta(minutes=1), by=TESTS)
    run.differences.create(kind="amount", object_type="payment", reference="half done", action="x")
    ReconciliationRun.objects.update(leased_until=timezone.now() + timedelta(minutes=59))
    assert perform_runs() == 0
    ReconciliationRun.objects.update(leased_until=timezone.now())
    assert perform_runs() == 1
    assert run.differences.get().reference == payment.provider_reference


def test_a_window_has_an_end_after_its_beginning_and_is_not_endless(sandbox: RunningSandbox) -> None:
    now = timezone.now()
    for since in (now, now + timedelta(days=1), now - timedelta(days=32)):
        with refused(Invalid):
            open_run(provider="stripe", since=since, until=now, by=TESTS)
    with refused(Invalid):
        open_run(provider="paypal", by=TESTS)
    assert not ReconciliationRun.objects.exists()
