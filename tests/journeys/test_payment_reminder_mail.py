"""What the customer reads, and where its link leads."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from api.actors import Actor
from audit.models import LogEntry
from notifications.handlers import email_payment_reminder
from notifications.models import Notification
from notifications.services import send_due
from orders.models import Order
from orders.tests.factories import TESTS, buyable, fresh, pay, place
from payments.events import PaymentFailed, PaymentReminderDue
from payments.gateways.base import Snapshot
from payments.gateways.registry import gateway_of
from payments.handlers import start_reminders
from payments.models import Payment, PaymentReminder
from payments.reminders import send_due_reminders
from payments.services import look_up_and_settle
from payments.states import PaymentStatus
from payments.tests.factories import paid_by_hand
from payments.tests.stripe_shop import TWENTY, with_stripe
from payments.tests.stripe_shop import pay as pay_in_browser
from sandbox.testing import start_sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order() -> Order:
    """Its payment has just failed, as it does a second time."""
    buyable("MUG", price="10.00")
    order = place(("MUG", 2))
    for _ in range(2):
        start_reminders(PaymentFailed(order_id=order.pk, version=1, payment_id="p"))
    return order


def remind(rung: int) -> PaymentReminderDue:
    """The event of a rung that has come due, told to notifications twice."""
    PaymentReminder.objects.filter(rung=rung).update(due_at=timezone.now())
    assert send_due_reminders(by=Actor.system("send_reminders")) == 1
    event = PaymentReminderDue(**LogEntry.objects.filter(name="PaymentReminderDue").latest("pk").payload)
    email_payment_reminder(event)
    email_payment_reminder(event)
    return event


def test_each_reminder_is_one_mail_that_says_what_is_open(order: Order, mailoutbox) -> None:
    paid_by_hand(order, "9.00")
    assert [remind(1).rung, remind(2).rung] == [1, 2]
    assert (send_due(), len(mailoutbox)) == (2, 2)
    for mail in mailoutbox:
        assert mail.subject == f"Your order {order.number} waits for your payment"
        assert mail.to == ["guest@example.com"]
        assert "2 × Mug: €20.00" in mail.body
        assert "Paid so far: €9.00\nStill to be paid: €20.00" in mail.body
        assert "We keep everything aside for you until" in mail.body


def test_its_link_opens_the_payments_of_the_order(order: Order, mailoutbox) -> None:
    remind(1)
    send_due()
    address, token = re.search(r"(http\S+)#token=(\S+)", mailoutbox[0].body).groups()
    assert address.endswith(f"/orders/{order.number}/pay")
    assert f"{address}#token={token}" in mailoutbox[0].alternatives[0].content
    path = f"/api/v1/orders/{order.number}/payments"
    assert Client().get(path, headers={"X-Order-Token": token}).json()["results"] == []
    assert Client().get(path, headers={"X-Order-Token": "x" + token}).status_code == 404


def test_whoever_pays_before_it_is_sent_is_not_written_to(order: Order, mailoutbox) -> None:
    remind(1)
    pay(fresh(order))
    send_due()
    assert mailoutbox == []
    assert Notification.objects.get().error == "The order no longer waits for money."


def test_its_token_pays_the_order(order: Order, mailoutbox, settings, tmp_path) -> None:
    remind(1)
    send_due()
    token = re.search(r"#token=(\S+)", mailoutbox[0].body)[1]
    with start_sandbox(home=tmp_path, shop_url="") as sandbox:
        with_stripe(settings, sandbox)
        response = Client().post(
            f"/api/v1/orders/{order.number}/payments",
            {"provider": "stripe"},
            content_type="application/json",
            headers={"X-Order-Token": token, "Idempotency-Key": uuid4().hex},
        )
        assert (response.status_code, response.json()["provider"]) == (201, "stripe")
        payment = Payment.objects.get()
        opened = Snapshot(
            payment.provider_reference, PaymentStatus.CREATED, TWENTY, client_secret=response.json()["client_secret"]
        )
        pay_in_browser(sandbox, opened)
        look_up_and_settle(payment_id=payment.pk, by=TESTS)
    gateway_of.cache_clear()
    assert fresh(order).status == "paid"
