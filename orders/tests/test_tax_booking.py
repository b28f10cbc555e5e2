"""The provider's book follows the order's money, whatever order facts are heard in and whatever answers are lost."""

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from kernel.errors import NotAllowedNow
from orders.events import OrderCancelled, OrderLinesCancelled, OrderPaid
from orders.handlers import commit_tax, void_tax
from orders.models import Order, TaxDocument, TaxOperation, TaxReversal
from orders.services import Totals, cancel_order, record_payment_totals
from orders.tax.asking import pause
from orders.tax.booking import take_back_refunded, tell_again
from orders.tax.telling import record_told, tell, tell_due
from orders.tests.factories import TESTS, buyable, fresh, pay, place
from orders.tests.taxes import at_stripe, document_of, told, with_stripe_tax
from sandbox.testing import RunningSandbox, start_sandbox

pytestmark = pytest.mark.django_db(transaction=True)
BOOK = "create_from_calculation$"
REVERSE = "create_reversal$"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(home=tmp_path_factory.mktemp("sandbox"), shop_url="") as found:
        yield found


@pytest.fixture
def sandbox(settings: Any, running: RunningSandbox) -> Iterator[RunningSandbox]:
    with_stripe_tax(settings, running)
    yield running
    running.ask("DELETE", "/knobs")
    pause.end()


@pytest.fixture
def order(sandbox: RunningSandbox) -> Order:
    """Two mugs, placed with the provider's answer. Orders of one sandbox have numbers of their own."""
    buyable("MUG", price="10.00")
    placed = place(("MUG", 2))
    placed.number = f"{placed.number}-{timezone.now().timestamp()}"[:20]
    Order.objects.filter(pk=placed.pk).update(number=placed.number)
    document_of(placed)
    return placed


def paid(order: Order) -> Order:
    pay(order)
    return fresh(order)


def heard_of(order: Order) -> None:
    """The relay tells that it was paid, and the worker the provider."""
    commit_tax(OrderPaid(order_id=order.pk, version=order.version))
    tell_due()


def cancelled(order: Order) -> Order:
    found = cancel_order(order_id=order.pk, reason="not wanted", by=TESTS)
    void_tax(OrderCancelled(order_id=order.pk, version=found.version))
    return fresh(found)


def money(order: Order, **totals: str) -> Order:
    found = {name: Decimal(totals.get(name, "0")) for name in ("authorized", "captured", "refunded")}
    record_payment_totals(order_id=order.pk, totals=Totals(**found), by=TESTS)
    return fresh(order)


def refunded(order: Order, amount: str, refund: int = 1) -> None:
    take_back_refunded(order_id=order.pk, cause=f"refund:{refund}", amount=Decimal(amount), by=TESTS)


def soon() -> None:
    """What was put off is due now."""
    TaxOperation.objects.filter(state="pending").update(due_at=timezone.now())
    tell_due()


def test_an_order_without_a_calculation_tells_nobody() -> None:
    buyable("MUG")
    order = paid(place())
    heard_of(order)
    refunded(order, "1.00")
    cancelled(order)
    assert not TaxOperation.objects.exists()


def test_a_paid_order_is_booked_once_under_its_number(order: Order, sandbox: RunningSandbox) -> None:
    paid(order)
    heard_of(order)
    heard_of(order)
    document = TaxDocument.objects.get(order=order)
    assert told(order) == [("commit", "paid", order.total, "done")]
    assert document.state == "committed"
    assert at_stripe(sandbox, document.transaction)["reference"] == order.number


def test_an_unpaid_order_is_not_booked(order: Order) -> None:
    heard_of(order)
    assert told(order) == []


def test_a_refund_takes_back_its_amount_once(order: Order, sandbox: RunningSandbox) -> None:
    paid(order)
    heard_of(order)
    money(order, authorized=str(order.total), captured=str(order.total), refunded="12.00")
    for _ in range(2):
        refunded(order, "12.00")
        tell_due()
    assert told(order)[1:] == [("reverse", "refund:1", Decimal("12.00"), "done")]
    reversal = TaxReversal.objects.get(document__order=order)
    assert (reversal.cause, reversal.amount) == ("refund:1", Decimal("12.00"))
    (line,) = at_stripe(sandbox, reversal.reference)["line_items"]["data"]
    assert line["amount"] == -1200


def test_what_was_paid_twice_goes_back_without_tax(order: Order) -> None:
    paid(order)
    heard_of(order)
    twice = order.total * 2
    money(order, authorized=str(twice), captured=str(twice), refunded=str(order.total))
    refunded(order, str(order.total))
    assert len(told(order)) == 1


def test_a_cancelled_order_that_was_captured_follows_its_refund(order: Order) -> None:
    paid(order)
    heard_of(order)
    cancelled(order)
    assert len(told(order)) == 1
    total = str(order.total)
    money(order, authorized=total, captured=total, refunded=total)
    refunded(order, total)
    tell_due()
    assert told(order)[1:] == [("void", "refund:1", order.total, "done")]
    assert TaxDocument.objects.get(order=order).state == "voided"


def test_a_cancelled_order_that_was_only_authorised_is_taken_back_at_once(settings: Any, order: Order) -> None:
    settings.SHOP_CAPTURE_AT_SHIPMENT = True
    money(order, authorized=str(order.total))
    heard_of(order)
    version = cancelled(order).version
    tell_due()
    assert told(order)[1:] == [("void", f"cancelled:{version}", order.total, "done")]


def test_units_cancelled_before_capture_are_taken_back(settings: Any, order: Order) -> None:
    settings.SHOP_CAPTURE_AT_SHIPMENT = True
    money(order, authorized=str(order.total))
    heard_of(order)
    line = order.lines.get()
    found = cancel_order(order_id=order.pk, reason="one too many", lines={line.pk: 1}, by=TESTS)
    for _ in range(2):
        void_tax(OrderLinesCancelled(order_id=order.pk, version=found.version))
    assert told(order)[1:] == [("reverse", f"cancelled:{found.version}", fresh(order).cancelled_total, "pending")]


def test_an_order_that_was_never_paid_ends_without_a_word(order: Order) -> None:
    cancelled(order)
    assert told(order) == []
    assert TaxDocument.objects.get(order=order).state == "voided"


def test_one_whose_money_went_back_before_it_was_heard_of_is_not_booked(order: Order) -> None:
    paid(order)
    cancelled(order)
    total = str(order.total)
    money(order, authorized=total, captured=total, refunded=total)
    refunded(order, total)
    heard_of(order)
    assert told(order) == []


def test_what_goes_back_waits_until_it_is_booked(order: Order, sandbox: RunningSandbox) -> None:
    sandbox.knob(effect="unavailable", provider="stripe", path=BOOK, times=1)
    paid(order)
    heard_of(order)
    money(order, authorized=str(order.total), captured=str(order.total), refunded="5.00")
    refunded(order, "5.00")
    tell_due()
    assert [state for *_, state in told(order)] == ["pending", "pending"]
    soon()
    assert [state for *_, state in told(order)] == ["done", "done"]


@pytest.mark.parametrize("effect", ["drop_answer", "error_before", "unavailable", "rate_limit", "delay_answer"])
def test_an_answer_that_was_lost_books_nothing_twice(
    settings: Any, order: Order, sandbox: RunningSandbox, effect: str
) -> None:
    more = {"seconds": 2} if effect == "delay_answer" else {}
    with_stripe_tax(settings, sandbox, PAYMENT_READ_SECONDS=1.0)
    sandbox.knob(effect=effect, provider="stripe", path=BOOK, times=1, **more)
    paid(order)
    heard_of(order)
    (pending,) = TaxOperation.objects.filter(document__order=order)
    assert (pending.state, pending.attempts) == ("pending", 1)
    assert pending.due_at > timezone.now()
    time.sleep(more.get("seconds", 0))
    soon()
    document = TaxDocument.objects.get(order=order)
    assert told(order) == [("commit", "paid", order.total, "done")]
    assert at_stripe(sandbox, document.transaction)["reference"] == order.number


@pytest.mark.parametrize("effect", ["drop_answer", "error_after", "error_before"])
def test_a_reversal_that_was_lost_happens_once(order: Order, sandbox: RunningSandbox, effect: str) -> None:
    paid(order)
    heard_of(order)
    money(order, authorized=str(order.total), captured=str(order.total), refunded="12.00")
    sandbox.knob(effect=effect, provider="stripe", path=REVERSE, times=1)
    refunded(order, "12.00")
    tell_due()
    soon()
    assert told(order)[1:] == [("reverse", "refund:1", Decimal("12.00"), "done")]
    money(order, authorized=str(order.total), captured=str(order.total), refunded=str(order.total))
    refunded(order, str(order.total - 12), refund=2)
    tell_due()
    assert [state for *_, state in told(order)] == ["done"] * 3


def test_a_booking_whose_id_was_never_said_is_for_a_person(order: Order, sandbox: RunningSandbox) -> None:
    sandbox.knob(effect="error_after", provider="stripe", path=BOOK, times=1)
    paid(order)
    heard_of(order)
    soon()
    operation = TaxOperation.objects.get(document__order=order)
    assert (operation.state, operation.last_error[:15]) == ("failed", "reference_taken")
    record_told(operation_id=operation.pk, told="tax_from_the_dashboard", by=TESTS)
    document = TaxDocument.objects.get(order=order)
    assert (document.transaction, document.state) == ("tax_from_the_dashboard", "committed")
    with pytest.raises(NotAllowedNow):
        tell_again(operation_id=operation.pk, by=TESTS)


def test_what_was_declined_can_be_told_again(order: Order) -> None:
    calculation = TaxDocument.objects.get(order=order).calculation
    TaxDocument.objects.filter(order=order).update(calculation="taxcalc_gone")
    paid(order)
    heard_of(order)
    operation = TaxOperation.objects.get(document__order=order)
    assert operation.state == "failed"
    TaxDocument.objects.filter(order=order).update(calculation=calculation)
    tell_again(operation_id=operation.pk, by=TESTS)
    tell_due()
    assert told(order) == [("commit", "paid", order.total, "done")]


def test_no_provider_is_told_within_a_transaction(order: Order) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="outside any transaction"):
        tell(1)


def test_what_the_calculation_is_not_about_counts_as_kept(order: Order) -> None:
    """A gift card for 10.00 beside the goods."""
    TaxDocument.objects.filter(order=order).update(amount=order.total - 10)
    paid(order)
    heard_of(order)
    money(order, authorized=str(order.total), captured=str(order.total), refunded="5.00")
    refunded(order, "5.00")
    refunded(order, "0", refund=2)
    assert [row[:3] for row in told(order)] == [
        ("commit", "paid", order.total - 10),
        ("reverse", "refund:1", Decimal("5.00")),
    ]
