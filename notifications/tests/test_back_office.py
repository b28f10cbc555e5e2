import pytest

from notifications.models import Notification
from notifications.services import queue_order_mail
from orders.tests.back_office import do, page_url, staff, told
from orders.tests.factories import buyable, place
from orders.timeline import timeline

pytestmark = pytest.mark.django_db


def mailed(**fields: object):
    order = place()
    queue_order_mail(kind="order_placed", order_id=order.pk, version=order.version)
    Notification.objects.update(**fields)
    return order


def test_the_mails_of_an_order_are_on_its_page_and_in_its_timeline() -> None:
    buyable()
    order = mailed(status="failed", error="Mailbox full")
    page = staff("customer_service").get(page_url(order)).content.decode()
    assert "Mailbox full" in page
    (entry,) = [entry for entry in timeline(order) if entry.kind == "message"]
    assert (entry.title, entry.detail, entry.states) == ("e-mail order_placed", "Mailbox full", {"e-mail": "failed"})


def test_a_mail_is_sent_again() -> None:
    buyable()
    order = mailed(status="failed")
    first = Notification.objects.get()
    response = do(staff(), order, "send_again", mail=first.pk)
    assert told(response) == ["The e-mail is on its way again."]
    assert Notification.objects.exclude(pk=first.pk).get().status == "queued"


def test_without_mails_nothing_can_be_sent_again() -> None:
    buyable()
    order = place()
    buttons = staff().get(page_url(order)).context["buttons"]
    assert buttons["send_again"].why_not == "No e-mail has been sent about this order."
