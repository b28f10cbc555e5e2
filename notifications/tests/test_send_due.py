from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import verify_email
from accounts.tests.factories import UserFactory
from api.tokens import token_opens
from notifications.models import Notification, NotificationTemplate
from notifications.services import queue_order_mail, queue_person_mail, send_due
from notifications.services.send import ATTEMPTS, LEASE
from notifications.tests.factories import free_port, mail_server, queued, use_smtp
from orders.models import Order
from orders.tests.factories import buyable, place

pytestmark = pytest.mark.django_db


def fresh(mail: Notification) -> Notification:
    return Notification.objects.get(pk=mail.pk)


def make_due(mail: Notification) -> None:
    Notification.objects.filter(pk=mail.pk).update(due_at=timezone.now())


def test_a_mail_server_gets_the_mail_whole_and_once(settings) -> None:
    mail = queued()
    with mail_server(settings) as mailbox:
        assert send_due() == 1
        assert send_due() == 0
    (message,) = mailbox.messages
    number = mail.order.number
    assert message["Subject"] == f"We have your order {number}"
    assert (message["To"], message["From"]) == ("guest@example.com", "Waybill <orders@example.com>")
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert "1 × Mug: €10.00" in text
    assert "Total: €17.00" in text
    assert "<td>Mug</td>" in html
    token = text.partition("#token=")[2].split()[0]
    assert token_opens(token, "order", number)
    sent = fresh(mail)
    assert (sent.status, sent.attempts, sent.error) == ("sent", 1, "")
    assert sent.sent_at is not None


def test_files_hold_what_was_sent(settings, tmp_path) -> None:
    settings.EMAIL_BACKEND = "notifications.files.FileBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    buyable()
    mails = [queued(place()) for _ in range(2)]
    assert send_due() == 2
    messages = [message_from_bytes(path.read_bytes(), policy=default) for path in sorted(tmp_path.glob("mail/*.eml"))]
    assert [message["Subject"] for message in messages] == [f"We have your order {mail.order.number}" for mail in mails]
    assert "€17.00" in messages[0].get_body(("html",)).get_content()


def test_the_words_of_the_shop_are_used(mailoutbox) -> None:
    NotificationTemplate.objects.filter(kind="order_placed").update(subject="Hurray for {{ order.number }}!")
    mail = queued()
    send_due()
    assert [message.subject for message in mailoutbox] == [f"Hurray for {mail.order.number}!"]


def test_without_words_of_the_shop_those_of_waybill_are(mailoutbox) -> None:
    NotificationTemplate.objects.all().delete()
    queued()
    assert send_due() == 1
    assert mailoutbox[0].subject.startswith("We have your order")


def test_the_address_is_the_one_of_now(mailoutbox) -> None:
    buyable()
    person = UserFactory()
    order = place(user=person)
    Order.objects.update(email="")
    mail = queued(order)
    User.objects.filter(pk=person.pk).update(email="new@example.com")
    send_due()
    assert [message.to for message in mailoutbox] == [["new@example.com"]]
    assert "example.com" not in repr(Notification.objects.filter(pk=mail.pk).values().get())


def test_a_server_that_is_away_is_waited_for_however_long(settings) -> None:
    use_smtp(settings, free_port())
    buyable()
    mails = [queued(place()) for _ in range(2)]
    for _ in range(ATTEMPTS + 2):
        assert send_due() == 0
        Notification.objects.update(due_at=timezone.now())
    assert {(fresh(mail).status, fresh(mail).handed_over_at) for mail in mails} == {("queued", None)}
    assert fresh(mails[0]).error == "The mail server is away: ConnectionRefusedError."
    with mail_server(settings) as mailbox:
        assert send_due() == 2
    assert len(mailbox.messages) == 2


def test_a_server_that_asks_to_come_back_later_is_asked_later(settings) -> None:
    mail = queued()
    with mail_server(settings, ["451 Busy"]) as mailbox:
        assert send_due() == 0
        later = fresh(mail)
        assert (later.status, later.attempts, later.error) == ("queued", 1, "The mail server answered 451.")
        assert later.due_at > timezone.now() + timedelta(seconds=20)
        assert send_due() == 0
        make_due(mail)
        assert send_due() == 1
    assert len(mailbox.messages) == 1


def test_a_server_that_never_takes_it_is_given_up(settings) -> None:
    mail = queued()
    with mail_server(settings, ["451 Busy"] * ATTEMPTS):
        for _ in range(ATTEMPTS):
            make_due(mail)
            send_due()
        assert (fresh(mail).status, fresh(mail).attempts) == ("failed", ATTEMPTS)


def test_a_refusal_is_final_and_names_no_address(settings) -> None:
    mail = queued()
    with mail_server(settings, ["550 No such person: guest@example.com"]):
        assert send_due() == 0
    assert (fresh(mail).status, fresh(mail).error) == ("failed", "The mail server answered 550.")


def test_a_line_that_breaks_leaves_it_in_doubt_and_is_not_tried_again(settings) -> None:
    mail = queued()
    with mail_server(settings, ["hang up"]) as mailbox:
        assert send_due() == 0
        assert fresh(mail).status == "unsure"
        make_due(mail)
        assert send_due() == 0
    assert mailbox.messages == []


def test_one_mail_that_fails_does_not_hold_up_the_others(settings) -> None:
    buyable()
    first, second = queued(place()), queued(place())
    with mail_server(settings, ["550 No"]) as mailbox:
        assert send_due() == 1
    assert (fresh(first).status, fresh(second).status) == ("failed", "sent")
    assert len(mailbox.messages) == 1


def test_a_worker_that_dies_before_handing_over_loses_nothing(mailoutbox) -> None:
    mail = queued()
    assert Notification.objects.claim(limit=10, lease=LEASE) == [mail.pk]
    assert send_due() == 0
    make_due(mail)
    assert send_due() == 1
    assert len(mailoutbox) == 1


def test_a_worker_that_dies_while_handing_over_leaves_it_in_doubt(mailoutbox) -> None:
    mail = queued()
    Notification.objects.filter(pk=mail.pk).update(handed_over_at=timezone.now(), attempts=1)
    assert send_due() == 0
    assert fresh(mail).status == "queued"
    Notification.objects.filter(pk=mail.pk).update(handed_over_at=timezone.now() - LEASE)
    assert send_due() == 0
    assert (fresh(mail).status, fresh(mail).error) == ("unsure", "The worker died while handing it over.")
    assert mailoutbox == []


def test_a_template_that_breaks_is_tried_again_once_it_is_mended(mailoutbox) -> None:
    NotificationTemplate.objects.filter(kind="order_placed").update(html="{% include 'x' %}")
    mail = queued()
    assert send_due() == 0
    assert (fresh(mail).status, fresh(mail).error) == ("queued", "It could not be put together: TemplateSyntaxError.")
    NotificationTemplate.objects.filter(kind="order_placed").update(html="x")
    make_due(mail)
    assert send_due() == 1


def test_a_mail_of_verification_carries_a_key_that_verifies(mailoutbox) -> None:
    person = UserFactory(unverified=True)
    queue_person_mail(kind="verify_email", user_id=person.pk)
    send_due()
    key = mailoutbox[0].body.partition("#key=")[2].split()[0]
    verify_email(key=key)
    person.refresh_from_db()
    assert person.email_verified
    assert key not in repr(list(Notification.objects.values()))


def test_a_closed_account_gets_no_key(mailoutbox) -> None:
    person = UserFactory()
    queue_person_mail(kind="password_reset", user_id=person.pk)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert send_due() == 0
    mail = Notification.objects.get()
    assert (mail.status, mail.error) == ("failed", "The account is closed.")


def test_asked_for_at_once_one_goes_and_asked_for_again_another(mailoutbox) -> None:
    person = UserFactory()
    for _ in range(3):
        queue_person_mail(kind="password_reset", user_id=person.pk)
    assert send_due() == 1
    queue_person_mail(kind="password_reset", user_id=person.pk)
    assert send_due() == 1
    assert list(Notification.objects.order_by("pk").values_list("key", flat=True)) == [
        f"password_reset:user:{person.pk}:1",
        f"password_reset:user:{person.pk}:2",
    ]


def test_an_order_without_an_address_gets_no_mail() -> None:
    buyable()
    order = place()
    Order.objects.update(email="")
    queue_order_mail(kind="order_placed", order_id=order.pk, version=1)
    assert not Notification.objects.exists()
