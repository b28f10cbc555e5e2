from datetime import timedelta

import pytest
from django.utils import timezone

from audit.doctor import examine
from notifications.models import Notification
from notifications.tests.factories import queued

pytestmark = pytest.mark.django_db


def broken() -> list[str]:
    return [found.invariant.name for found in examine() if found.invariant.name.startswith("notifications.")]


def test_a_mail_on_its_way_breaks_nothing() -> None:
    queued()
    assert broken() == []


def test_a_second_mail_of_the_same_change_is_found_unless_a_person_asked() -> None:
    mail = queued()
    again = Notification.objects.create(
        key="again", kind=mail.kind, order=mail.order, version=mail.version, requested_by="user:1"
    )
    assert broken() == []
    Notification.objects.filter(pk=again.pk).update(requested_by="")
    assert broken() == ["notifications.once"]


def test_a_mail_of_a_change_that_never_was_is_found() -> None:
    mail = queued()
    Notification.objects.filter(pk=mail.pk).update(version=9)
    assert broken() == ["notifications.change"]


def test_a_mail_that_nobody_sends_is_found() -> None:
    mail = queued()
    Notification.objects.filter(pk=mail.pk).update(due_at=timezone.now() - timedelta(minutes=16))
    assert broken() == ["notifications.waiting"]
