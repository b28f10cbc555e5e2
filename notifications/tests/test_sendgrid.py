"""The same mail through django-anymail to SendGrid, whose place an HTTP server of the test takes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from notifications.models import Notification
from notifications.services import send_due
from notifications.tests.factories import free_port, queued

pytestmark = pytest.mark.django_db


@contextmanager
def sendgrid(settings: Any, status: int) -> Iterator[list[dict[str, Any]]]:
    """Answers every message with this status, and keeps what it was given."""
    given: list[dict[str, Any]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            given.append({"path": self.path, "key": self.headers["Authorization"], **json.loads(body)})
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    use_sendgrid(settings, server.server_port)
    try:
        yield given
    finally:
        server.shutdown()
        server.server_close()


def use_sendgrid(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.sendgrid.EmailBackend"
    settings.ANYMAIL = {"SENDGRID_API_KEY": "SG.key", "SENDGRID_API_URL": f"http://127.0.0.1:{port}/v3/"}


def after_sending(settings: Any, status: int) -> tuple[str, str]:
    mail = queued()
    with sendgrid(settings, status) as given:
        send_due()
    assert len(given) == 1
    mail.refresh_from_db()
    return mail.status, mail.error


def test_sendgrid_gets_the_mail_whole(settings) -> None:
    mail = queued()
    with sendgrid(settings, 202) as given:
        assert send_due() == 1
    (sent,) = given
    assert (sent["path"], sent["key"]) == ("/v3/mail/send", "Bearer SG.key")
    assert sent["subject"] == f"We have your order {mail.order.number}"
    assert sent["personalizations"][0]["to"] == [{"email": "guest@example.com"}]
    assert [part["type"] for part in sent["content"]] == ["text/plain", "text/html"]
    assert Notification.objects.get().status == "sent"


@pytest.mark.parametrize(
    ("answer", "status"),
    [(400, "failed"), (413, "failed"), (401, "queued"), (429, "queued"), (500, "unsure"), (503, "unsure")],
)
def test_each_answer_is_taken_for_what_it_means(settings, answer: int, status: str) -> None:
    assert after_sending(settings, answer) == (status, f"The mail service answered {answer}.")


def test_a_service_that_cannot_be_reached_is_waited_for(settings) -> None:
    use_sendgrid(settings, free_port())
    mail = queued()
    assert send_due() == 0
    mail.refresh_from_db()
    assert (mail.status, mail.handed_over_at, mail.error) == ("queued", None, "The mail service is away.")
