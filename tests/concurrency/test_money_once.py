"""Reminders, cases and comparisons that many come upon at once: each happens once."""

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.models import LogEntry
from audit.verbs import act_as
from orders.services import record_reminder
from orders.tests.factories import TESTS, buyable, place
from payments.events import PaymentReminderDue
from payments.gateways.registry import gateway_of
from payments.models import MoneyCase, PaymentReminder, ReconciliationRun
from payments.reconciliation import open_run
from payments.reminders import send_due_reminders, start_reminder_ladder
from payments.services.cases import open_case
from payments.states import CaseKind
from payments.tests.stripe_shop import with_stripe
from tests.concurrency.racing import at_once, outcomes

pytestmark = pytest.mark.django_db(transaction=True)
SWEEP = Actor.system("send_reminders")


def failed_orders(count: int) -> list[int]:
    """Orders whose first reminder is due."""
    buyable("MUG", quantity=count)
    orders = [place(("MUG", 1)).pk for _ in range(count)]
    for order_id in orders:
        start_reminder_ladder(order_id=order_id, by=TESTS)
    PaymentReminder.objects.filter(rung=1).update(due_at=timezone.now())
    return orders


def reminded() -> list[int]:
    entries = LogEntry.objects.filter(name="PaymentReminderDue")
    return sorted(entry.payload["order_id"] for entry in entries)


def send_without_claiming() -> None:
    """Sending as it must not be written: look what is due, publish it, note it."""
    for reminder in PaymentReminder.objects.filter(ended_at=None, due_at__lte=timezone.now()):
        with transaction.atomic():
            act_as(SWEEP)
            order = record_reminder(order_id=reminder.order_id, detail="reminder 1", by=SWEEP)
            publish(PaymentReminderDue(order_id=order.pk, version=order.version, rung=1), by=SWEEP)
            PaymentReminder.objects.filter(pk=reminder.pk).update(ended_at=timezone.now(), is_sent=True)


def test_eight_sweeps_send_each_reminder_once() -> None:
    orders = failed_orders(20)
    assert sum(at_once([lambda: send_due_reminders(by=SWEEP)] * 8, threads=8)) == 20
    assert reminded() == orders


def test_control_without_claiming_some_go_twice() -> None:
    orders = failed_orders(10)
    at_once([send_without_claiming] * 8, threads=8)
    assert len(reminded()) > len(orders)


def test_failures_at_once_start_one_ladder() -> None:
    buyable("MUG")
    order = place(("MUG", 1))
    assert outcomes(at_once([lambda: start_reminder_ladder(order_id=order.pk, by=TESTS)] * 16)) == {"done": 16}
    assert list(PaymentReminder.objects.order_by("rung").values_list("rung", flat=True)) == [1, 2, 3]
    assert order.transitions.filter(verb="extend").count() == 1


def test_the_same_thing_found_by_many_opens_one_case() -> None:
    def find() -> MoneyCase:
        with transaction.atomic():
            act_as(TESTS)
            return open_case(kind=CaseKind.STUCK, about="pi_1", detail="No answer.")

    assert len({case.pk for case in at_once([find] * 20)}) == MoneyCase.objects.count() == 1


def test_asked_for_by_many_a_comparison_runs_once(settings: Any) -> None:
    with_stripe(settings)
    results = outcomes(at_once([lambda: open_run(provider="stripe", by=TESTS)] * 16))
    gateway_of.cache_clear()
    assert results == {"done": 1, "not_allowed_now": 15}
    assert ReconciliationRun.objects.count() == 1
