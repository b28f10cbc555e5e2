"""Many workers, one mailbox: each e-mail arrives once, also when a worker is killed in the middle of it."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import send_mail
from django.utils import timezone

from notifications.models import Notification
from notifications.services import send_due
from notifications.services.compose import compose
from notifications.services.send import LEASE
from notifications.tests.factories import Mailbox, mail_server, queued
from orders.tests.factories import buyable, place
from tests.concurrency.racing import at_once
from tests.conftest import ROOT, processes_in

pytestmark = pytest.mark.django_db(transaction=True)
SEND = "import django; django.setup(); from notifications.services import send_due; send_due()"


def mails(count: int) -> None:
    buyable("MUG", quantity=count)
    for _ in range(count):
        queued(place())


def subjects(mailbox: Mailbox) -> list[str]:
    return [str(message["Subject"]) for message in mailbox.messages]


def send_without_claiming() -> None:
    """Sending as it must not be written: look what is queued, send it, note it."""
    for mail in Notification.objects.with_subjects().filter(status="queued"):
        rendered = compose(mail)
        send_mail(rendered.subject, rendered.text, None, [mail.recipient])
        Notification.objects.filter(pk=mail.pk).update(status="sent", sent_at=timezone.now())


def test_eight_workers_send_each_mail_once(settings: Any) -> None:
    mails(40)
    with mail_server(settings) as mailbox:
        sent = at_once([send_due] * 8, threads=8)
    assert sum(sent) == 40
    assert (len(subjects(mailbox)), len(set(subjects(mailbox)))) == (40, 40)
    assert set(Notification.objects.values_list("status", "attempts")) == {("sent", 1)}


def test_control_without_claiming_some_go_twice(settings: Any) -> None:
    mails(10)
    with mail_server(settings) as mailbox:
        at_once([send_without_claiming] * 8, threads=8)
    assert len(subjects(mailbox)) > len(set(subjects(mailbox)))


def test_a_worker_killed_while_handing_over_never_sends_twice(settings: Any, tmp_path: Path) -> None:
    mails(1)
    with mail_server(settings, ["sleep"]) as mailbox, processes_in(tmp_path) as made:
        environment = made.environment | {
            "WAYBILL_ENV": "development",
            "WAYBILL_EMAIL": f"smtp://127.0.0.1:{settings.EMAIL_PORT}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        worker = subprocess.Popen([sys.executable, "-c", SEND], cwd=ROOT, env=environment)
        wait_until_handed_over()
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        # Nobody takes it before the lease is over, nor after: it is in doubt.
        assert send_due() == 0
        Notification.objects.update(handed_over_at=timezone.now() - LEASE - timedelta(seconds=1))
        assert send_due() == 0
        assert len(mailbox.messages) <= 1
    assert Notification.objects.get().status == "unsure"


def wait_until_handed_over() -> None:
    deadline = time.monotonic() + 60
    while not Notification.objects.filter(handed_over_at__isnull=False).exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
