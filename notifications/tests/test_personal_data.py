from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.personal_data.services import ask_erasure, keep_account_key, withdraw_erasure
from accounts.tests.factories import UserFactory
from api.actors import Actor
from notifications.models import Notification
from notifications.personal_data import forget_answers, unfinished
from notifications.services import queue_person_mail, send_due
from notifications.states import Kind
from notifications.tests.factories import queued

pytestmark = pytest.mark.django_db
BY = Actor.system("tests")


def test_who_closes_their_account_is_told_until_when_and_how_to_keep_it(mailoutbox: list[Any]) -> None:
    user = UserFactory(first_name="Ada")
    ask_erasure(user_id=user.pk, by=BY)
    queue_person_mail(kind=Kind.ACCOUNT_CLOSED, user_id=user.pk)
    assert send_due() == 1
    (mail,) = mailoutbox
    assert mail.to == [user.email]
    assert f"keep-account#key={str(keep_account_key(user.pk))[:6]}" in mail.body
    assert "Until then you can think again" in mail.body


def test_without_time_to_think_no_link_is_sent(mailoutbox: list[Any], settings: Any) -> None:
    settings.ERASURE_DAYS = 0
    user = UserFactory()
    ask_erasure(user_id=user.pk, by=BY)
    queue_person_mail(kind=Kind.ACCOUNT_CLOSED, user_id=user.pk)
    send_due()
    assert "keep-account" not in mailoutbox[0].body
    assert "is erased now" in mailoutbox[0].body


def test_who_thought_again_before_it_was_sent_is_not_written_to(mailoutbox: list[Any]) -> None:
    user = UserFactory()
    ask_erasure(user_id=user.pk, by=BY)
    queue_person_mail(kind=Kind.ACCOUNT_CLOSED, user_id=user.pk)
    withdraw_erasure(user_id=user.pk, by=BY)
    send_due()
    assert (mailoutbox, Notification.objects.get().error) == ([], "The account is open again.")


def test_who_asked_for_their_data_is_told_where_it_is_and_not_sent_it(mailoutbox: list[Any]) -> None:
    user = UserFactory()
    queue_person_mail(kind=Kind.EXPORT_READY, user_id=user.pk)
    assert send_due() == 1
    assert "/account/export" in mailoutbox[0].body
    assert mailoutbox[0].attachments == []


def test_nobody_is_erased_before_a_mail_has_reached_them_for_a_day_at_most() -> None:
    user = UserFactory()
    queue_person_mail(kind=Kind.ACCOUNT_CLOSED, user_id=user.pk)
    assert list(unfinished(user)) == ["E-mails are still on their way."]
    Notification.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert list(unfinished(user)) == []


def test_what_mail_servers_answered_goes_after_a_year(settings: Any) -> None:
    settings.MESSAGE_DAYS = 365
    mail = queued()
    Notification.objects.update(error="550 no such mailbox", created_at=timezone.now() - timedelta(days=364))
    assert forget_answers() == 0
    Notification.objects.update(created_at=timezone.now() - timedelta(days=366))
    assert forget_answers() == 1
    assert Notification.objects.values_list("key", "error").get() == (mail.key, "")
