"""What notifications hold about a person: which e-mails they were sent, and when.

An e-mail is put together when it is sent, from rows that are erased themselves: neither its recipient nor its words
are kept anywhere.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.personal_data.registry import proven_email
from audit.retention import in_batches
from notifications.models import Notification
from notifications.states import DeliveryStatus
from orders.personal_data import orders_of

MESSAGE = ("kind", "language", "status", "order__number", "created_at", "sent_at")
# A mail that could not be sent for so long keeps nobody here.
LONGEST_WAIT = timedelta(days=1)


def export(user: User) -> dict[str, Any]:
    """The e-mails, newest last."""
    return {"messages": list(_messages(user).order_by("pk").values(*MESSAGE))}


def unfinished(user: User) -> Iterator[str]:
    """E-mails that still have to reach the person, the one about being erased among them."""
    since = timezone.now() - LONGEST_WAIT
    if _messages(user).filter(status=DeliveryStatus.QUEUED, created_at__gt=since).exists():
        yield "E-mails are still on their way."


def erase(user: User, pseudonym: str) -> None:
    """Leave kind and time: what a mail server answered may repeat an address."""
    _messages(user).exclude(error="").update(error="")


def forget_answers() -> int:
    """Blank what mail servers answered to e-mails older than `MESSAGE_DAYS`. Returns of how many."""
    before = timezone.now() - timedelta(days=settings.MESSAGE_DAYS)
    old = Notification.objects.filter(created_at__lt=before).exclude(error="").order_by("pk")

    def forget(size: int) -> int:
        ids = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:size])
        return Notification.objects.filter(pk__in=ids).update(error="")

    return in_batches(forget)


def _messages(user: User) -> "QuerySet[Notification]":
    email = proven_email(user)
    sent = Q(gift_card__recipient_email=email) | Q(stock_request__email=email) if email else Q(pk=None)
    theirs = Q(user=user) | Q(order__in=orders_of(user)) | Q(stock_request__user=user)
    return Notification.objects.filter(theirs | sent)
