"""Sending what is due: at most one e-mail per row, whatever dies when.

1. Claim rows for a while. A worker that dies now loses nothing: the lease runs out and another takes them.
2. Put the mail together and connect, outside any transaction. What fails here is tried again later.
3. Note that it is being handed over, by one conditional update that only one worker can win; hand it over.
4. Note what the mail server said. Where nobody can know, because the worker died or the line broke between 3 and 4,
   the row becomes `unsure` and only a person sends it again.

So a mail that was taken is never sent twice by itself; one in doubt is shown instead of repeated.
"""

from datetime import timedelta
from hashlib import sha256

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from notifications.models import Notification
from notifications.rendering import Rendered
from notifications.services.compose import NothingToSend, compose
from notifications.services.outcome import Outcome, outcome_of
from notifications.states import DeliveryStatus

BATCH = 20
LEASE = timedelta(minutes=10)  # longer than a worker may take over a batch, see CELERY_TASK_TIME_LIMIT
ATTEMPTS = 10
LONGEST_WAIT = timedelta(hours=1)
AWAY_WAIT = timedelta(minutes=5)
logger = structlog.get_logger(__name__)


def send_due() -> int:
    """Send what is due until nothing is, or the mail server is away. Returns how many it took."""
    give_up_waiting()
    sent = 0
    while ids := Notification.objects.claim(limit=BATCH, lease=LEASE):
        mails = Notification.objects.with_subjects().filter(pk__in=ids).order_by("pk")
        results = send_batch(list(mails))
        sent += results.count(Outcome.TAKEN)
        if Outcome.AWAY in results:
            break
    return sent


def give_up_waiting() -> None:
    """Rows whose worker died while handing them over: nobody will ever know."""
    lost = Notification.objects.filter(status=DeliveryStatus.QUEUED, handed_over_at__lt=timezone.now() - LEASE)
    lost.update(status=DeliveryStatus.UNSURE, error="The worker died while handing it over.")


def send_batch(mails: list[Notification]) -> list[Outcome]:
    """Send claimed rows over one connection; a server that is away postpones the rest."""
    connection = get_connection()
    results: list[Outcome] = []
    try:
        for mail in mails:
            if Outcome.AWAY in results:
                _wait_for_server(mail, "The mail server is away.")
                continue
            results.append(_send(mail, connection))
    finally:
        connection.close()
    return results


def _send(mail: Notification, connection: BaseEmailBackend) -> Outcome:
    try:
        rendered = compose(mail)
    except NothingToSend as reason:
        return _record(mail, Outcome.REFUSED, str(reason))
    except Exception as error:
        logger.warning("mail_not_composed", notification=mail.pk, exc_info=error)
        return _record(mail, Outcome.LATER, f"It could not be put together: {type(error).__name__}.")
    try:
        connection.open()
    except Exception as error:  # noqa: BLE001  whatever kept us from the server, nothing was handed over
        return _record(mail, Outcome.AWAY, f"The mail server is away: {type(error).__name__}.")
    if not _hand_over(mail):
        return Outcome.TAKEN_BY_OTHER
    try:
        connection.send_messages([_message(mail, rendered, connection)])
    except Exception as error:  # noqa: BLE001  told apart by what it means
        connection.close()  # it may be in the middle of a conversation
        outcome, said = outcome_of(error)
        return _record(mail, outcome, said)
    return _record(mail, Outcome.TAKEN, "")


def _hand_over(mail: Notification) -> bool:
    """Whether it is ours to hand over: true for one worker only."""
    mine = Notification.objects.filter(
        pk=mail.pk, status=DeliveryStatus.QUEUED, handed_over_at=None, attempts=mail.attempts
    )
    return mine.update(handed_over_at=timezone.now()) == 1


def _record(mail: Notification, outcome: Outcome, said: str) -> Outcome:
    row = Notification.objects.filter(pk=mail.pk, status=DeliveryStatus.QUEUED, attempts=mail.attempts)
    match outcome:
        case Outcome.TAKEN:
            row.update(status=DeliveryStatus.SENT, sent_at=timezone.now(), error="")
        case Outcome.UNSURE:
            row.update(status=DeliveryStatus.UNSURE, error=said)
        case Outcome.REFUSED:
            row.update(status=DeliveryStatus.FAILED, error=said)
        case Outcome.AWAY:
            _wait_for_server(mail, said)
        case _:
            _postpone(mail, said)
    return outcome


def _wait_for_server(mail: Notification, said: str) -> None:
    """However long it is away: a mail that nobody has seen is not given up."""
    row = Notification.objects.filter(pk=mail.pk, status=DeliveryStatus.QUEUED, attempts=mail.attempts)
    row.update(handed_over_at=None, due_at=timezone.now() + min(_backoff(mail), AWAY_WAIT), error=said)


def _postpone(mail: Notification, said: str) -> None:
    """Later, and later each time; after the last attempt not at all."""
    row = Notification.objects.filter(pk=mail.pk, status=DeliveryStatus.QUEUED, attempts=mail.attempts)
    if mail.attempts >= ATTEMPTS:
        row.update(status=DeliveryStatus.FAILED, handed_over_at=None, error=said)
        return
    row.update(handed_over_at=None, due_at=timezone.now() + min(_backoff(mail), LONGEST_WAIT), error=said)


def _backoff(mail: Notification) -> timedelta:
    return timedelta(seconds=15 * 2 ** min(mail.attempts, 10))


def _message(mail: Notification, rendered: Rendered, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    """The e-mail with an id that stays the same however often it is tried, so that a mailbox can tell."""
    sender = settings.DEFAULT_FROM_EMAIL
    domain = sender.rpartition("@")[2].strip("> ") or "localhost"
    message = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        from_email=sender,
        to=[mail.recipient],
        connection=connection,
        headers={
            "Message-ID": f"<{sha256(mail.key.encode()).hexdigest()[:32]}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(rendered.html, "text/html")
    return message
