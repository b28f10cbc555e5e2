"""E-mails and mail servers for tests."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from notifications.models import Notification
from notifications.services import queue_order_mail
from notifications.states import Kind
from orders.models import Order
from orders.tests.factories import buyable, place


def queued(order: Order | None = None, kind: str = Kind.ORDER_PLACED) -> Notification:
    """An e-mail that is due: the thanks for a new order unless another is given."""
    if order is None:
        buyable()
        order = place()
    queue_order_mail(kind=kind, order_id=order.pk, version=order.version)
    return Notification.objects.get(key=f"{kind}:order:{order.pk}:{order.version}")


class Mailbox:
    """What a mail server was given; `answers` are its replies to the next messages, then it takes all."""

    def __init__(self, answers: Sequence[str] = ()) -> None:
        self.answers = list(answers)
        self.messages: list[Message] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        answer = self.answers.pop(0) if self.answers else "250 Taken"
        if answer.startswith("250"):
            self.messages.append(message_from_bytes(envelope.content, policy=default))
        if answer == "sleep":
            await asyncio.sleep(2)
            answer = "250 Taken"
        if answer == "hang up":
            server.transport.close()
        return answer


@contextmanager
def mail_server(settings: Any, answers: Sequence[str] = ()) -> Iterator[Mailbox]:
    """A real SMTP server on a port of its own, to which this process sends."""
    mailbox = Mailbox(answers)
    port = free_port()
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        use_smtp(settings, port)
        yield mailbox
    finally:
        server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def use_smtp(settings: Any, port: int) -> None:
    """Send to a mail server on this port, which may not be there."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
