"""The ladder from the failure to the last chance, by the clock."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from api.actors import Actor
from audit.models import LogEntry
from inventory.models import Reservation
from orders.models import Order
from orders.services import cancel_order
from orders.tasks import expire_due
from orders.tests.factories import TESTS, buyable, fresh, pay, place
from payments.events import PaymentFailed, PaymentReminderDue
from payments.handlers import start_reminders
from payments.models import Payment, PaymentReminder
from payments.reminders import send_due_reminders
from payments.tests.factories import broken_promises

pytestmark = pytest.mark.django_db
START = datetime(2030, 3, 4, 10, tzinfo=UTC)
SWEEP = Actor.system("send_reminders")


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def order(clock) -> Order:
    """Placed now; its payment has just failed."""
    buyable("MUG", price="10.00")
    order = place(("MUG", 2))
    fail(order)
    return fresh(order)


def fail(order: Order) -> None:
    start_reminders(PaymentFailed(order_id=order.pk, version=fresh(order).version, payment_id="p"))


def told() -> list[PaymentReminderDue]:
    entries = LogEntry.objects.filter(name="PaymentReminderDue").order_by("pk")
    return [PaymentReminderDue(**entry.payload) for entry in entries]


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def test_a_failure_plans_the_rungs_and_keeps_the_stock_until_the_last_chance(order: Order) -> None:
    rungs = PaymentReminder.objects.order_by("rung").values_list("rung", "due_at", "ended_at", "is_sent")
    assert list(rungs) == [(1, after(1), None, False), (2, after(12), None, False), (3, after(36), None, False)]
    assert (order.status, order.version, order.expires_at) == ("pending", 2, after(48))
    held = Reservation.objects.filter(order_id=order.pk).values_list("state", "expires_at")
    assert list(held) == [("held", after(48))]
    assert LogEntry.objects.order_by("-pk").values_list("name", flat=True)[0] == "ReservationExtended"
    assert order.transitions.get(version=2).verb == "extend"
    assert broken_promises() == []


def test_another_failure_does_not_start_again(order: Order, clock) -> None:
    clock.move_to(after(5))
    fail(order)
    assert PaymentReminder.objects.count() == 3
    assert (fresh(order).version, fresh(order).expires_at) == (2, after(48))


def test_each_rung_is_sent_once_when_it_is_due(order: Order, clock) -> None:
    sent = []
    for hours in (0, 0.99, 1, 1.5, 11.9, 12, 12.1, 36, 47):
        clock.move_to(after(hours))
        sent.append(send_due_reminders(by=SWEEP))
    assert sent == [0, 0, 1, 0, 0, 1, 0, 1, 0]
    assert [event.rung for event in told()] == [1, 2, 3]
    steps = order.transitions.filter(verb="remind").order_by("version").values_list("version", "reason")
    assert list(steps) == [(event.version, f"reminder {event.rung}") for event in told()]
    assert not PaymentReminder.objects.filter(is_sent=False).exists()
    assert broken_promises() == []


def test_whoever_has_paid_is_not_asked_again(order: Order, clock) -> None:
    pay(fresh(order))
    clock.move_to(after(40))
    assert send_due_reminders(by=SWEEP) == 0
    ended = PaymentReminder.objects.values_list("ended_at", "is_sent")
    assert list(ended) == [(after(40), False)] * 3
    assert told() == []


def test_a_cancelled_order_asks_for_nothing(order: Order, clock) -> None:
    cancel_order(order_id=order.pk, reason="Ordered twice", by=TESTS)
    fail(order)
    clock.move_to(after(2))
    assert send_due_reminders(by=SWEEP) == 0
    assert told() == []


def test_nobody_is_asked_while_an_attempt_is_under_way(order: Order, clock) -> None:
    attempt = Payment.objects.create(
        order=order, provider="stripe", status="unknown", amount=order.total, currency="EUR", created_by=str(TESTS)
    )
    clock.move_to(after(1))
    assert send_due_reminders(by=SWEEP) == 0
    assert PaymentReminder.objects.get(rung=1).due_at == after(2)
    Payment.objects.filter(pk=attempt.pk).update(status="failed")
    clock.move_to(after(2))
    assert send_due_reminders(by=SWEEP) == 1


def test_after_the_last_chance_the_order_expires(order: Order, clock) -> None:
    clock.move_to(after(47.9))
    assert expire_due() == 0
    clock.move_to(after(48))
    assert expire_due() == 1
    assert (fresh(order).status, fresh(order).cancel_reason) == ("cancelled", "expired")
    assert Reservation.objects.get(order_id=order.pk).state == "released"


def test_a_shop_may_choose_not_to_wait(clock, settings) -> None:
    settings.PAYMENT_REMINDERS_EXTEND_RESERVATION = False
    buyable("MUG", price="10.00")
    order = place(("MUG", 1))
    fail(order)
    assert (fresh(order).version, fresh(order).expires_at) == (1, order.expires_at)
    assert PaymentReminder.objects.count() == 3


def test_a_shop_may_choose_not_to_remind(clock, settings) -> None:
    settings.PAYMENT_REMINDER_HOURS = []
    buyable("MUG", price="10.00")
    order = place(("MUG", 1))
    fail(order)
    assert not PaymentReminder.objects.exists()
    assert fresh(order).version == 1
