import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory
from notifications.models import Notification, NotificationTemplate
from notifications.services import send_due
from notifications.tests.factories import queued

pytestmark = pytest.mark.django_db
TEMPLATES = reverse("admin:notifications_notificationtemplate_changelist")
PREVIEW = reverse("admin:notifications_notificationtemplate_preview")
LOG = reverse("admin:notifications_notification_changelist")
WORDS = {"subject": "Thanks for {{ order.number }}", "text": "Hello", "html": "<p>Hello {{ order.first_name }}</p>"}


def office(role: str = "admin") -> Client:
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def template() -> NotificationTemplate:
    return NotificationTemplate.objects.get(kind="order_placed")


def page(name: str = "change") -> str:
    return reverse(f"admin:notifications_notificationtemplate_{name}", args=(template().pk,))


def test_words_are_changed_with_a_new_version_and_a_history_of_who() -> None:
    client = office()
    assert b"wb-preview" in client.get(page()).content
    assert client.post(page(), WORDS).status_code == 302
    changed = template()
    assert (changed.subject, changed.version, changed.kind) == ("Thanks for {{ order.number }}", 2, "order_placed")
    assert changed.history.first().actor.startswith("user:")
    assert b"Thanks for" in client.get(page("history")).content


def test_words_that_would_go_wrong_are_not_saved() -> None:
    response = office().post(page(), WORDS | {"html": "{{ order.nmber }}"})
    assert response.status_code == 200
    assert "there is no order.nmber here" in response.content.decode()
    assert template().version == 1


def test_the_preview_shows_the_words_as_they_are_typed() -> None:
    answer = office().post(PREVIEW, WORDS | {"kind": "order_placed"}).json()
    assert (answer["subject"], answer["problems"]) == ("Thanks for W0042", [])
    assert "<p>Hello Ada</p>" in answer["html"]
    assert "order.lines[].name" in answer["variables"]
    assert template().version == 1


def test_the_preview_says_what_is_wrong() -> None:
    answer = office().post(PREVIEW, WORDS | {"kind": "order_placed", "html": "{% if %}"}).json()
    assert [problem["field"] for problem in answer["problems"]] == ["html"]
    assert "html" not in answer
    assert office().post(PREVIEW, WORDS).json()["problems"][0]["field"] == "kind"


def test_a_language_is_added() -> None:
    client = office()
    added = WORDS | {"kind": "order_placed", "language": "de"}
    assert client.post(reverse("admin:notifications_notificationtemplate_add"), added).status_code == 302
    assert NotificationTemplate.objects.get(kind="order_placed", language="de").version == 1
    again = client.post(reverse("admin:notifications_notificationtemplate_add"), added)
    assert "There is one for this kind and language already." in again.content.decode()


def test_an_example_is_sent_to_whoever_asks(mailoutbox) -> None:
    person = UserFactory(admin=True)
    client = Client()
    client.force_login(person)
    assert client.get(page("send_test_mail")).status_code == 302
    send_due()
    assert [message.to for message in mailoutbox] == [[person.email]]


def test_the_log_shows_what_became_of_a_mail_and_sends_it_again(mailoutbox) -> None:
    mail = queued()
    send_due()
    client = office()
    found = client.get(f"{LOG}?q={mail.order.number}").content.decode()
    assert mail.order.number in found
    assert "guest@example.com" in found
    assert client.get(reverse("admin:notifications_notification_change", args=(mail.pk,))).status_code == 200
    assert client.get(reverse("admin:notifications_notification_send_one_again", args=(mail.pk,))).status_code == 302
    again = Notification.objects.exclude(pk=mail.pk).get()
    assert (again.key, again.status) == (f"{mail.key}:again:1", "queued")
    assert again.requested_by.startswith("user:")
    assert send_due() == 1
    assert [message.to for message in mailoutbox] == [["guest@example.com"]] * 2


@pytest.mark.django_db(transaction=True)
def test_one_that_waits_is_not_queued_twice() -> None:
    mail = queued()
    selected = {"action": "send_selected_again", "_selected_action": [mail.pk]}
    response = office().post(LOG, selected, follow=True)
    assert "It is waiting to be sent already." in response.content.decode()
    assert Notification.objects.count() == 1


def test_customer_service_reads_and_the_warehouse_does_not() -> None:
    mail = queued()
    reader = office("customer_service")
    assert reader.get(LOG).status_code == 200
    assert reader.get(page()).status_code == 200
    assert reader.post(page(), WORDS).status_code == 403
    assert reader.get(page("send_test_mail")).status_code == 403
    assert reader.get(reverse("admin:notifications_notification_send_one_again", args=(mail.pk,))).status_code == 403
    for address in (LOG, TEMPLATES, page()):
        assert office("warehouse").get(address).status_code == 403
    assert office("warehouse").post(PREVIEW, WORDS).status_code == 403
    assert Notification.objects.count() == 1
